import type { Logger } from '../log/logger.ts';

const quietMs = 30_000;
const kinds = 100;

/**
 * For errors that come again with each try while a server is away: one of a kind is a warning, and the same within
 * half a minute only a detail, so that a night without Redis doesn't fill the disk.
 */
export const createFaultLog = (logger: Logger, sentence: string): ((error: Error) => void) => {
  const toldAt = new Map<string, number>();
  return (error) => {
    const now = performance.now();
    const last = toldAt.get(error.message);
    if (last !== undefined && now - last < quietMs) {
      logger.debug({ err: error }, sentence);
      return;
    }
    if (toldAt.size >= kinds) toldAt.clear();
    toldAt.set(error.message, now);
    logger.warn({ err: error }, sentence);
  };
};
