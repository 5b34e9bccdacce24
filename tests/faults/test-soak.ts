import { parseArgs } from 'node:util';
import { sentenceOf } from '@store-platform/shared/process/sentence-of';
import { openFaultBed } from './fault-bed.ts';
import { wrongs } from './oracle.ts';
import { record, soakFiguresOf } from './recorded-results.ts';
import { seedOfCommit } from './seeded.ts';
import { soak } from './soak/soak.ts';
import { withBeds } from './with-beds.ts';

// `npm run test:soak`: an hour of creates, deletes and retries through the API while things go wrong, and what it leaves:
// memory, handles, rows, jobs. `--minutes`, `--queue`, `--seed`, `--store-every MS`, `--fault-every MS`; `--write` records it.

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    queue: { type: 'string', default: 'postgres' },
    seed: { type: 'string' },
    'store-every': { type: 'string', default: '1000' },
    'fault-every': { type: 'string', default: '5000' },
    write: { type: 'boolean', default: false },
  },
});

const backend = values.queue === 'redis' ? 'redis' : 'postgres';
const say = (text: string) => process.stdout.write(`${text}\n`);

const run = (): Promise<number> =>
  withBeds((onBed) =>
    onBed(
      (given) => openFaultBed({ ...given, backend }),
      async (bed) => {
        const seed = values.seed === undefined ? seedOfCommit() : Number(values.seed);
        say(`Seed ${seed}`);
        const { verdict, ...soaked } = await soak(bed, {
          minutes: Number(values.minutes),
          seed,
          storeEveryMs: Number(values['store-every']),
          faultEveryMs: Number(values['fault-every']),
          say,
        });
        say(soakFiguresOf(soaked));
        if (values.write) record({ soaks: [soaked] });
        return wrongs(verdict).length === 0 ? 0 : 1;
      },
    ),
  );

try {
  process.exitCode = await run();
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`);
  // What was under way when it was interrupted would go on.
  process.exit(1);
}
