import type { WorkerPulse } from '@store-platform/shared/db/workers';

interface Sighting {
  readonly counter: number;
  /** By the leader's monotonic clock. */
  readonly since: number;
}

export type Judge = (pulses: readonly WorkerPulse[], now: number) => WorkerPulse[];

/**
 * Rule 3: one judge of liveness. A worker is dead when its counter stood still for `deadAfterMs` by the judge's own
 * monotonic clock; no two machines' clocks are ever compared.
 * @returns a function that takes what the rows say now and answers with those that stood still too long.
 */
export const createJudge = (deadAfterMs: number): Judge => {
  let sightings = new Map<string, Sighting>();
  return (pulses, now) => {
    const before = sightings;
    sightings = new Map(
      pulses.map(({ id, counter }) => {
        const seen = before.get(id);
        return [id, seen?.counter === counter ? seen : { counter, since: now }];
      }),
    );
    return pulses.filter(({ id }) => now - (sightings.get(id)?.since ?? now) >= deadAfterMs);
  };
};
