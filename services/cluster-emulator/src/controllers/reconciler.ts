import type { Logger } from '@store-platform/shared/log/logger';

export interface Reconciler {
  /** Asks for a look at this key soon; asked several times meanwhile it is looked at once. */
  ask(key: string, afterMs?: number): void;
  stop(): void;
}

const tryAgainMs = 500;

/**
 * Brings one thing at a time closer to what it should be. A look that fails is taken again; two looks at the same key
 * never run side by side.
 */
export const createReconciler = (
  name: string,
  look: (key: string) => Promise<void> | void,
  logger: Logger,
): Reconciler => {
  const running = new Set<string>();
  const askedMeanwhile = new Set<string>();
  const timers = new Map<string, NodeJS.Timeout>();
  const soon = new Set<string>();
  let stopped = false;

  const run = async (key: string) => {
    timers.delete(key);
    soon.delete(key);
    if (running.has(key)) {
      askedMeanwhile.add(key);
      return;
    }
    running.add(key);
    try {
      await look(key);
    } catch (error) {
      if (!stopped) logger.debug({ err: error, key, controller: name }, 'A look failed; it is taken again');
      ask(key, tryAgainMs);
    } finally {
      running.delete(key);
      if (askedMeanwhile.delete(key)) ask(key);
    }
  };

  const ask = (key: string, afterMs = 0) => {
    if (stopped) return;
    // A sooner look replaces a later one. One that is about to begin stays: whoever asks again and again must not put it off.
    if (soon.has(key) || (afterMs > 0 && timers.has(key))) return;
    clearTimeout(timers.get(key));
    if (afterMs === 0) soon.add(key);
    timers.set(
      key,
      setTimeout(() => void run(key), afterMs),
    );
  };

  return {
    ask,
    stop: () => {
      stopped = true;
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      soon.clear();
    },
  };
};

export const keyOf = ({ metadata }: { metadata: { namespace?: string; name: string } }): string =>
  `${metadata.namespace ?? ''}/${metadata.name}`;

export const splitKey = (key: string): { namespace: string; name: string } => {
  const at = key.indexOf('/');
  return { namespace: key.slice(0, at), name: key.slice(at + 1) };
};
