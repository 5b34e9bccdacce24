import { setTimeout as wait } from 'node:timers/promises';
import type { EmbeddedPostgres } from '@store-platform/shared/embedded-postgres/embedded-postgres';
import { wordsOf } from '@store-platform/shared/text/words-of';

export interface KeepPostgresOptions {
  /** Between two looks, in milliseconds. */
  readonly everyMs: number;
  say(sentence: string): void;
}

/** PostgreSQL runs as a daemon, so nobody hears of its end: it is looked for, and started again when it is gone. */
export const keepPostgres = (
  server: Pick<EmbeddedPostgres, 'revive'>,
  { everyMs, say }: KeepPostgresOptions,
): { stop(): Promise<void> } => {
  const stopping = new AbortController();
  const look = async (): Promise<void> => {
    try {
      if (await server.revive()) say('was gone, and runs again');
    } catch (error) {
      say(`is gone, and does not start: ${wordsOf(error)}`);
    }
  };
  const keep = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await wait(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (!stopping.signal.aborted) await look();
    }
  };
  const kept = keep();
  return {
    stop: async () => {
      stopping.abort();
      await kept;
    },
  };
};
