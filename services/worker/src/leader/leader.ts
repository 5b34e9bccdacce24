import type { Leadership } from '@store-platform/shared/db/leader-lock';
import type { Logger } from '@store-platform/shared/log/logger';
import type { Sweep } from './sweeps.ts';

export interface LeaderOptions {
  leadership: Leadership;
  /** Made afresh each time this process comes to office, so that no memory of an earlier time misleads it. */
  createSweeps(): Sweep[];
  logger: Logger;
  /** How often to ask for leadership, and the shortest time between two sweeps, in milliseconds. */
  tickMs: number;
  /** Monotonic milliseconds. */
  now(): number;
}

interface Turn {
  readonly sweep: Sweep;
  nextAt: number;
}

/** Runs the sweeps while this process holds the leader's lock. Any number of workers may call this; one leads. */
export const startLeader = ({ leadership, createSweeps, logger, tickMs, now }: LeaderOptions) => {
  let turns: Turn[] | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const sweepOnce = async (turn: Turn) => {
    turn.nextAt = now() + turn.sweep.everyMs;
    try {
      await turn.sweep.run();
    } catch (error) {
      logger.warn({ err: error, sweep: turn.sweep.name }, 'A sweep failed; it is tried again');
    }
  };

  const tick = async () => {
    if (!(await leadership.hold())) {
      turns = undefined;
      return;
    }
    if (!turns) logger.info('This worker leads');
    turns ??= createSweeps().map((sweep) => ({ sweep, nextAt: 0 }));
    for (const turn of turns) {
      if (stopped) return;
      if (turn.nextAt <= now()) await sweepOnce(turn);
    }
  };

  const loop = async () => {
    await tick();
    if (!stopped) timer = setTimeout(() => void (running = loop()), tickMs);
  };
  let running = loop();

  return {
    /** Ends after the sweep that runs now. */
    stop: async (): Promise<void> => {
      stopped = true;
      clearTimeout(timer);
      await running;
      await leadership.release();
    },
  };
};
