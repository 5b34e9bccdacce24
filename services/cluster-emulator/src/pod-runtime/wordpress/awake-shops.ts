/** A shop that may sleep. */
export interface Sleeper {
  readonly lastVisitMs: number;
  /** Whether somebody waits for an answer of it. */
  isBusy(): boolean;
  fallAsleep(): Promise<void>;
}

/** The shops whose processes run. */
export interface AwakeShops {
  /** Makes room for one more: the one that was visited least recently sleeps first. Those that are busy stay. */
  admit(shop: Sleeper): void;
  leave(shop: Sleeper): void;
}

/** What an awake shop holds, with both of its processes for a while (measured). */
const shopBytes = 700 * 2 ** 20;

/** Half of the machine for shops; one can always run. @param memoryBytes of the machine */
export const mostAwakeIn = (memoryBytes: number): number =>
  Math.max(1, Math.floor(memoryBytes / 2 / shopBytes));

export const createAwakeShops = (most: number): AwakeShops => {
  const awake = new Set<Sleeper>();
  return {
    admit: (shop) => {
      const others = [...awake].filter((other) => other !== shop && !other.isBusy());
      const surplus = awake.size + (awake.has(shop) ? 0 : 1) - most;
      others.sort((one, other) => one.lastVisitMs - other.lastVisitMs);
      for (const other of others.slice(0, Math.max(0, surplus))) void other.fallAsleep();
      awake.add(shop);
    },
    leave: (shop) => void awake.delete(shop),
  };
};
