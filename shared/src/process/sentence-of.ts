import { ConfigError } from '../config/config-error.ts';
import { PlatformError } from '../contract/problem.ts';

/** @returns what a process says of the error that ends it: sentences for what is expected, everything for what isn't. */
export const sentenceOf = (error: unknown): string => {
  if (error instanceof ConfigError) return error.message;
  if (error instanceof PlatformError) return `${error.message} ${error.hint}`;
  if (!(error instanceof Error)) return String(error);
  return doorSentence(error) ?? error.stack ?? error.message;
};

/** Why a server can't listen: the surroundings are at fault, so a stack would say nothing. */
const doorSentence = (error: Error): string | undefined => {
  const told = { ...error };
  const part = (name: string): string => (name in told ? String(Reflect.get(told, name)) : '');
  switch (part('code')) {
    case 'EADDRINUSE':
      return `Port ${part('port')} is taken: stop what listens there, or set another port.`;
    case 'EACCES':
      return part('syscall') === 'listen'
        ? `Port ${part('port')} is not for this user: set a port above 1023.`
        : undefined;
    case 'EADDRNOTAVAIL':
      return `HOST is "${part('address')}", which is no address of this machine.`;
    default:
      return undefined;
  }
};
