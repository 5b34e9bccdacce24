import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { until } from '@store-platform/shared/testing/until';
import {
  FromWorker,
  type Action,
  type Order,
  type Point,
  type ToWorker,
  type WorkerSettings,
} from './point.ts';

/** What an order asked for, and whether it came to it. */
interface Ordered {
  /** How often a worker came to the point. */
  met(): number;
  /** Resolves with the process when the point is reached for the first time. */
  readonly reached: Promise<PooledWorker>;
  /** Lets a worker that holds go on. */
  goOn(): void;
  /** From now on nobody obeys it. */
  withdraw(): void;
}

interface PooledWorker {
  readonly pid: number;
  readonly process: ChildProcess;
}

interface OrderRequest {
  readonly storeId: string;
  readonly stage?: Order['stage'];
  readonly moment?: string;
  readonly action: Action;
  /** Unset: once. */
  readonly times?: number;
  onReached?(point: Point, worker: PooledWorker): void;
}

export interface WorkerPool {
  order(request: OrderRequest): Ordered;
  /** Those that run now, the eldest first. */
  workers(): PooledWorker[];
  /** Puts the wall clocks of those that run now forward, or back. */
  stepClocks(stepMs: number): void;
  /** How many have died so far. */
  deaths(): number;
  /** Resolves when as many run as should. */
  whole(): Promise<void>;
  /** Ends all, in good order or at once. */
  stop(how?: 'drained' | 'killed'): Promise<void>;
}

export interface WorkerPoolOptions {
  /** Of `buildWorker`. */
  readonly program: string;
  readonly size: number;
  readonly settings: WorkerSettings;
  /** Everything that the workers say: read when something is wrong. */
  onOutput(text: string): void;
}

interface Entry {
  readonly order: Order;
  readonly request: OrderRequest;
  met: number;
  reached(worker: PooledWorker): void;
}

/** A service manager waits a moment before it starts what failed to start. */
const restAfterFailureMs = 200;

/** Worker processes on one platform. One that dies is replaced at once, by one that waits with its program loaded. */
export const startWorkerPool = async (options: WorkerPoolOptions): Promise<WorkerPool> => {
  const { size, settings, onOutput } = options;
  const running = new Map<ChildProcess, PooledWorker>();
  const started = new Set<ChildProcess>();
  const entries = new Map<number, Entry>();
  const exits = new Set<Promise<unknown>>();
  let spare: Spare | undefined;
  let deaths = 0;
  let stopping = false;
  let lastId = 0;

  const send = (child: ChildProcess, message: ToWorker) => {
    if (child.connected) child.send(message, () => undefined);
  };
  const openOrders = () =>
    [...entries.values()].filter(({ met, request }) => met < (request.times ?? 1)).map(({ order }) => order);
  const tellOrders = () => {
    const orders = openOrders();
    for (const child of running.keys()) send(child, { kind: 'orders', orders });
  };

  const heed = (worker: PooledWorker, message: FromWorker) => {
    if (message.kind === 'started') started.add(worker.process);
    if (message.kind === 'failed') onOutput(`${message.message}\n`);
    if (message.kind !== 'reached') return;
    const entry = entries.get(message.id);
    if (!entry) return;
    entry.met += 1;
    tellOrders();
    entry.reached(worker);
    entry.request.onReached?.(message.point, worker);
  };

  const launch = async (): Promise<void> => {
    const { child, loaded } = spare ?? forkSpare(options.program, onOutput);
    spare = undefined;
    const worker = { pid: child.pid ?? 0, process: child };
    running.set(child, worker);
    child.on('message', (value) => heed(worker, FromWorker.parse(value)));
    exits.add(once(child, 'exit'));
    child.once('exit', () => {
      running.delete(child);
      const failed = !started.delete(child);
      if (stopping) return;
      deaths += 1;
      setTimeout(() => stopping || void launch(), failed ? restAfterFailureMs : 0);
    });
    await loaded;
    send(child, { kind: 'start', settings, orders: openOrders() });
    if (!stopping) spare ??= forkSpare(options.program, onOutput);
  };

  const whole = () =>
    until('every worker runs', () => started.size === size, { timeoutMs: 180_000 }).then(() => undefined);
  const stop = async (how: 'drained' | 'killed' = 'drained') => {
    stopping = true;
    spare?.child.kill('SIGKILL');
    for (const child of running.keys()) {
      child.kill('SIGCONT');
      if (how === 'killed') child.kill('SIGKILL');
      else send(child, { kind: 'end' });
    }
    await Promise.all(exits);
    await spare?.exit;
  };

  try {
    await Promise.all(Array.from({ length: size }, launch));
    await whole();
  } catch (error) {
    await stop('killed');
    throw error;
  }

  return {
    order: (request) => {
      lastId += 1;
      const { storeId, stage, moment, action } = request;
      const order = { id: lastId, storeId, stage, moment, action };
      let tell = (_worker: PooledWorker): void => undefined;
      const reached = new Promise<PooledWorker>((resolve) => (tell = resolve));
      const entry: Entry = { order, request, met: 0, reached: (worker) => tell(worker) };
      entries.set(order.id, entry);
      tellOrders();
      return {
        met: () => entry.met,
        reached,
        goOn: () => {
          for (const child of running.keys()) send(child, { kind: 'go on', id: order.id });
        },
        withdraw: () => {
          entries.delete(order.id);
          tellOrders();
        },
      };
    },
    workers: () => [...running.values()],
    stepClocks: (stepMs) => {
      for (const child of running.keys()) send(child, { kind: 'step clock', stepMs });
    },
    deaths: () => deaths,
    whole,
    stop,
  };
};

interface Spare {
  readonly child: ChildProcess;
  readonly loaded: Promise<unknown>;
  readonly exit: Promise<unknown>;
}

const forkSpare = (program: string, onOutput: (text: string) => void): Spare => {
  const child = fork(program, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] });
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => onOutput(String(chunk)));
  // The first message says that it is loaded; one that dies before it is noticed by its exit.
  const loaded = Promise.race([once(child, 'message'), once(child, 'exit')]);
  return { child, loaded, exit: once(child, 'exit') };
};
