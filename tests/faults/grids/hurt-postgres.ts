import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sentenceOf } from '@store-platform/shared/process/sentence-of';
import { until } from '@store-platform/shared/testing/until';
import { reporting, type CaseResult, type FaultCase, type Grid } from '../fault-case.ts';
import { followAll } from '../follow-all.ts';
import { blameless } from '../oracle.ts';
import { withOwnPostgres, type OwnGround } from '../with-own-postgres.ts';

/** PostgreSQL itself goes down, each time one of the case's own. */
export const hurtPostgres: Grid = {
  name: 'hurt-postgres',
  title: 'PostgreSQL is restarted mid-run; its disk is full',
  promises: [1, 2, 3],
  cases: () => [restarted, diskFull],
};

const underWay = 4;

/** Stores in several stages, and a moment in the middle of it. */
const startStores = async ({ bed }: OwnGround): Promise<string[]> => {
  const storeIds = Array.from({ length: underWay }, () => bed.newStoreId());
  const [last = ''] = storeIds;
  const order = bed.workers.order({ storeId: last, stage: 'wordpress', moment: 'claimed', action: 'note' });
  for (const storeId of storeIds) await bed.create(storeId);
  await order.reached;
  return storeIds;
};

const restarted: FaultCase = {
  name: 'restarted',
  alone: true,
  run: ({ bed }) =>
    withOwnPostgres(bed, {}, async (own): Promise<CaseResult> => {
      const verdict = await reporting(async () => {
        const storeIds = await startStores(own);
        await own.postgres.stop();
        await own.postgres.revive();
        return followAll(own, storeIds);
      });
      return { injected: 1, verdict };
    }),
};

const diskMiB = 200;

const diskFull: FaultCase = {
  name: 'disk full',
  alone: true,
  run: async ({ bed }) => {
    try {
      return await withOwnPostgres(bed, { disk: diskMiB }, runFull);
    } catch (error) {
      if (!sentenceOf(error).includes('mount ended with')) throw error;
      process.stderr.write(
        `NOT RUN: PostgreSQL with a full disk. It wants a small file system: ${sentenceOf(error)}\n`,
      );
      return { injected: 0, verdict: blameless };
    }
  },
};

const runFull = async (own: OwnGround): Promise<CaseResult> => {
  let refused = 0;
  const filler = join(own.folder, 'filler');
  const verdict = await reporting(async () => {
    const storeIds = await startStores(own);
    await fill(filler);
    // The log of what is written must grow sooner or later, and can't.
    await until(
      'PostgreSQL can write no more',
      () =>
        own.bed.db
          .query('create table junk as select repeat(md5(n::text), 20) from generate_series(1, 200000) n')
          .then(
            () => own.bed.db.query('drop table junk').then(() => false),
            () => true,
          ),
      { timeoutMs: 60_000 },
    );
    refused += 1;
    const late = own.bed.newStoreId();
    const accepted = await own.bed.create(late).then(
      () => [late],
      () => [],
    );
    await rm(filler);
    await own.postgres.revive();
    return followAll(own, [...storeIds, ...accepted]);
  });
  await rm(filler, { force: true });
  return { injected: refused, verdict };
};

const mebibyte = Buffer.alloc(1024 * 1024);

/** To the last byte. */
const fill = async (path: string): Promise<void> => {
  const file = await open(path, 'w');
  try {
    for (;;) await file.writeFile(mebibyte);
  } catch (error) {
    if (!sentenceOf(error).includes('ENOSPC')) throw error;
  } finally {
    await file.close();
  }
};
