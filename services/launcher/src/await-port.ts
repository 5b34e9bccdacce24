import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

const betweenTriesMs = 50;

/** Resolves when something listens there; never, when the signal comes first. */
export const awaitPort = async (
  place: { readonly port: number; readonly host: string },
  signal: AbortSignal,
): Promise<void> => {
  while (!(await answers(place))) {
    await wait(betweenTriesMs);
    if (signal.aborted) return new Promise(() => {});
  }
};

const answers = ({ port, host }: { port: number; host: string }): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host });
    const answer = (yes: boolean) => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
