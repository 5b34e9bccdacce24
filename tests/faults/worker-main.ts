import { setTimeout as pause } from 'node:timers/promises';
import { readWorkerConfig } from '@store-platform/shared/config/worker-config';
import { PlatformError } from '@store-platform/shared/contract/problem';
import { createLogger } from '@store-platform/shared/log/logger';
import { sentenceOf } from '@store-platform/shared/process/sentence-of';
import { deprovision } from '../../services/worker/src/deprovision.ts';
import { provision } from '../../services/worker/src/provision.ts';
import { startWorker, type Worker } from '../../services/worker/src/worker.ts';
import { ToWorker, type FromWorker, type Order, type Point, type WorkerSettings } from './point.ts';
import { stepClock } from './step-clock.ts';
import { watchedOutside } from './watched-outside.ts';

// A worker of the fault bed: a real one, in a process that can be told to die at any point.

let orders: readonly Order[] = [];
const held = new Map<number, () => void>();
let worker: Worker | undefined;

const tell = (message: FromWorker): Promise<void> =>
  new Promise((resolve) => {
    if (process.send) process.send(message, () => resolve());
    else resolve();
  });

const fits = (order: Order, { storeId, stage, moment }: Point): boolean =>
  order.storeId === storeId && (order.stage ?? stage) === stage && (order.moment ?? moment) === moment;

const never = new Promise<void>(() => undefined);

const at = async (point: Point): Promise<void> => {
  for (const order of orders.filter((each) => fits(each, point))) {
    const { id, action } = order;
    const goesOn = action === 'hold' ? new Promise<void>((resolve) => held.set(id, resolve)) : undefined;
    await tell({ kind: 'reached', id, point });
    if (action === 'kill') {
      process.kill(process.pid, 'SIGKILL');
      await never;
    }
    if (action === 'stop') {
      process.kill(process.pid, 'SIGSTOP');
      // The signal comes with the next turn of the loop.
      await pause(1);
    }
    if (action === 'lose') throw new PlatformError('database_away', 'The answer of PostgreSQL was lost.');
    await goesOn;
  }
};

const start = async (settings: WorkerSettings): Promise<void> => {
  const config = readWorkerConfig(settings.environment);
  worker = await startWorker({
    config,
    timing: settings.timing,
    logger: createLogger({ name: 'worker', level: config.logLevel }),
    stages: [...provision, ...deprovision].map((stage) => ({
      ...stage,
      timeoutMs: Math.min(
        stage.timeoutMs,
        stage.name === 'teardown' ? stage.timeoutMs : settings.stageTimeoutMs,
      ),
      backoffMs: () => settings.backoffMs,
    })),
    outside: watchedOutside(at, settings.watch),
    onBroken: (error) => void end(error),
  });
  await tell({ kind: 'started' });
};

const end = async (fault?: unknown): Promise<void> => {
  if (fault !== undefined) await tell({ kind: 'failed', message: sentenceOf(fault) });
  await worker?.stop();
  process.exit(fault === undefined ? 0 : 1);
};

process.on('message', (value) => {
  const message = ToWorker.parse(value);
  switch (message.kind) {
    case 'start':
      orders = message.orders;
      start(message.settings).catch(end);
      break;
    case 'orders':
      orders = message.orders;
      break;
    case 'go on':
      held.get(message.id)?.();
      break;
    case 'step clock':
      stepClock(message.stepMs);
      break;
    case 'end':
      void end();
      break;
  }
});
process.on('disconnect', () => process.exit(1));
await tell({ kind: 'loaded' });
