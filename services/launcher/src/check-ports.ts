import { createServer } from 'node:net';
import { StartError } from './start-error.ts';

export interface NeededPort {
  readonly port: number;
  readonly host: string;
  /** Who listens there, e.g. `the dashboard`. */
  readonly what: string;
  /** The setting that names another one. */
  readonly setting: string;
}

/** @throws StartError with a sentence for each port that can't be had. */
export const checkPorts = async (needed: readonly NeededPort[]): Promise<void> => {
  const isFirst = ({ port }: NeededPort, index: number) =>
    needed.findIndex((other) => other.port === port) === index;
  const sentences = needed
    .filter((one, index) => !isFirst(one, index))
    .map(
      ({ port, setting }) => `${setting} is ${port}, which another setting uses too: choose another port.`,
    );
  const refusals = await Promise.all(needed.filter(isFirst).map(whyNot));
  sentences.push(...refusals.filter((sentence) => sentence !== undefined));
  if (sentences.length > 0) throw new StartError(sentences.join('\n'));
};

const whyNot = (needed: NeededPort): Promise<string | undefined> =>
  new Promise((resolve) => {
    const { port, host } = needed;
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(sentence(needed, error.code)));
    server.listen({ port, host }, () => server.close(() => resolve(undefined)));
  });

const sentence = ({ port, host, what, setting }: NeededPort, code = 'unknown error'): string => {
  const other = port < 1024 ? port + 8000 : port + 10;
  const instead = `set ${setting} to another port, e.g. ${setting}=${other} npm start`;
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port}, which ${what} needs, is taken: stop what listens there, or ${instead}.`;
    case 'EADDRNOTAVAIL':
      return `HOST is ${host}, which is no address of this machine: set HOST to one that is.`;
    default:
      return `Port ${port}, which ${what} needs, can't be opened (${code}): ${instead}.`;
  }
};
