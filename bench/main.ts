import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { buildStale } from '../services/launcher/build-stale.mjs';
import type { Bench } from './bench.ts';
import { listStores } from './list-stores.ts';
import { nodeShop } from './node-shop.ts';
import { startUp } from './start-up.ts';
import { wordsOf } from '@store-platform/shared/text/words-of';

// `npm run bench`: measures what was built, builds first what is stale. Ends with 1 when what was asked for can't be had.

const benches: readonly Bench[] = [startUp, listStores, nodeShop];

const usage = `npm run bench -- [--only NAME] [--stores NUMBER]
${benches.map(({ name, title }) => `  --only ${name.padEnd(10)} ${title}`).join('\n')}
  --stores          how many shops node-shop makes; unset: 2`;

/** A first shop and a copied one. */
const fewestStores = 2;

/** @throws Error that says what is wrong with the command line */
const readOrders = () => {
  const { values } = parseArgs({ options: { only: { type: 'string' }, stores: { type: 'string' } } });
  const { only, stores = String(fewestStores) } = values;
  const chosen = benches.filter(({ name }) => only === undefined || name === only);
  if (chosen.length === 0) throw new Error(`Nothing is called "${only}" here.`);
  if (!/^\d{1,3}$/.test(stores) || Number(stores) < fewestStores)
    throw new Error(`--stores takes a number from ${fewestStores} on.`);
  return { chosen, isAlone: only !== undefined, stores: Number(stores) };
};

const run = async ({ chosen, isAlone, stores }: ReturnType<typeof readOrders>): Promise<void> => {
  await buildStale({ dev: false });
  for (const bench of chosen) {
    const missing = await bench.missing?.();
    if (missing !== undefined) {
      console.log(`\n${bench.name} was not measured: ${missing}`);
      if (isAlone) process.exitCode = 1;
      continue;
    }
    const load = loadavg()[0]?.toFixed(1);
    console.log(`\n${bench.title}. Node ${process.versions.node}, ${cpus().length} cores, load ${load}\n`);
    await bench.run({ stores });
  }
};

let orders: ReturnType<typeof readOrders> | undefined;
try {
  orders = readOrders();
} catch (error) {
  process.stderr.write(`${wordsOf(error)}\n${usage}\n`);
  process.exitCode = 2;
}
if (orders) await run(orders);
