import { expect, it } from 'vitest';
import { provisioningStages, stagePlan } from '@store-platform/shared/contract/stage';
import { deprovision } from '../deprovision.ts';
import { provision } from '../provision.ts';
import { mysql } from './mysql.ts';
import { teardown } from './teardown.ts';

it('the story of a store is the plan that everyone reads, stage by stage', () => {
  expect(provision.map(({ name }) => name)).toEqual(provisioningStages);
  for (const { name, after, timeoutMs, attempts } of [...provision, ...deprovision]) {
    expect({ after, timeoutMs, attempts }).toEqual({
      after: stagePlan[name].after,
      timeoutMs: stagePlan[name].timeoutMs,
      attempts: stagePlan[name].attempts,
    });
  }
});

it.each([
  { stage: mysql, attempt: 1, aboutMs: 1_000 },
  { stage: mysql, attempt: 3, aboutMs: 4_000 },
  { stage: mysql, attempt: 99, aboutMs: 30_000 },
  { stage: teardown, attempt: 1, aboutMs: 1_000 },
  { stage: teardown, attempt: 5000, aboutMs: 60_000 },
])('$stage.name waits about $aboutMs ms after attempt $attempt, never twice the same', (row) => {
  const waits = Array.from({ length: 20 }, () => row.stage.backoffMs(row.attempt));
  for (const wait of waits) {
    expect(wait).toBeGreaterThanOrEqual(row.aboutMs * 0.75);
    expect(wait).toBeLessThanOrEqual(row.aboutMs * 1.25);
  }
  expect(new Set(waits).size).toBeGreaterThan(10);
});
