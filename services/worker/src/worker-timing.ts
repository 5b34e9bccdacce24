/** All in milliseconds. Tests go faster; nobody else has a reason to. */
export interface WorkerTiming {
  readonly beatEveryMs: number;
  /** A worker without a heartbeat for so long is dead. Its runs are due again at most one sweep later. */
  readonly deadAfterMs: number;
  /** A job that nobody claimed for so long is asked for at the queue. */
  readonly unclaimedAfterMs: number;
  readonly sweepEveryMs: {
    readonly fast: number;
    readonly slow: number;
    readonly minute: number;
    readonly rare: number;
  };
}

export const workerTiming: WorkerTiming = {
  beatEveryMs: 1000,
  deadAfterMs: 8000,
  unclaimedAfterMs: 5000,
  sweepEveryMs: { fast: 500, slow: 3000, minute: 60_000, rare: 3_600_000 },
};
