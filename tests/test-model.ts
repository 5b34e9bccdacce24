import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { wordsOf } from '@store-platform/shared/text/words-of';

// `npm run test:model`: plays thousands of histories of a store against the transition functions and hundreds against the
// real runner, and compares each step with a small model. A failure prints the command that plays it again.

const usage = `npm run test:model -- [--against functions|runner] [--seed N] [--path P] [--histories N]
  --against    one of the two; without it both
  --seed       of the histories; without it the commit's
  --path       of one history, as a failure names it
  --histories  how many, without a limit of time; without it 10000 and 300`;

const files = {
  functions: { path: 'shared/src/lifecycle/histories.test.ts', histories: '10000' },
  runner: { path: 'services/worker/src/runner/histories.test.ts', histories: '300' },
};

const readOrders = () => {
  const { values } = parseArgs({
    options: {
      against: { type: 'string' },
      seed: { type: 'string' },
      path: { type: 'string' },
      histories: { type: 'string' },
    },
  });
  const { against, seed, path, histories } = values;
  if (against !== undefined && against !== 'functions' && against !== 'runner')
    throw new Error(`--against is ${against}.`);
  for (const [name, value] of Object.entries({ seed, histories }))
    if (value !== undefined && !Number.isInteger(Number(value))) throw new Error(`--${name} is ${value}.`);
  if (path !== undefined && (against === undefined || seed === undefined))
    throw new Error('--path wants --against and --seed, as the failure named them.');
  return { parts: against ? [files[against]] : [files.functions, files.runner], seed, path, histories };
};

const run = async (): Promise<number> => {
  let orders: ReturnType<typeof readOrders>;
  try {
    orders = readOrders();
  } catch (error) {
    process.stderr.write(`${wordsOf(error)}\n${usage}\n`);
    return 2;
  }
  const { parts, seed = '', path = '', histories } = orders;
  let worst = 0;
  for (const part of parts) {
    const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', part.path], {
      stdio: 'inherit',
      env: {
        ...process.env,
        MODEL_SEED: seed,
        MODEL_PATH: path,
        MODEL_HISTORIES: histories ?? part.histories,
      },
    });
    await once(child, 'close');
    worst = Math.max(worst, child.exitCode ?? 1);
  }
  return worst;
};

process.exitCode = await run();
