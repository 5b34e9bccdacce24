import { describe, expect, test, type TestContext } from 'vitest';
import { stageJobId, type StageJob } from '../contract/job.ts';
import { until } from '../testing/until.ts';
import { StageFailure, type DeliveredJob, type JobHandler, type StageQueue } from './stage-queue.ts';

/** A backend of one test's own. */
export interface QueueBackend {
  /** A queue as each process of the platform opens it. */
  open(): Promise<StageQueue>;
  /**
   * Delivers the one job that waits to a consumer that dies over it, and again to one that finds it stalled.
   * @returns `attemptsMade` of both deliveries
   */
  deliverTwice(): Promise<number[]>;
  /** Loses everything that it holds, and stays. */
  forget(): Promise<void>;
  /** Cuts all connections and takes no new ones. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Stays connected and answers nothing. */
  freeze(): void;
  thaw(): void;
}

/** What a caller of a queue that is away waits at most; people are told within two seconds. */
const answerMs = 2000;
const away = { code: 'queue_away', name: 'PlatformError' };

/** What the platform relies on in a queue, whatever its backend. Side by side, because much of it is waiting. */
export const stageQueueContract = (
  name: string,
  useBackend: (context: TestContext) => Promise<QueueBackend>,
): void => {
  describe.concurrent(`What the platform relies on in ${name}`, () => {
    const setUp = async (context: TestContext) => {
      const backend = await useBackend(context);
      const open = async (): Promise<StageQueue> => {
        const queue = await backend.open();
        context.onTestFinished(() => queue.close());
        return queue;
      };
      /** Consumes until the test ends, and remembers what was delivered. */
      const consume = async (queue: StageQueue, handler: JobHandler = async () => {}, concurrency = 10) => {
        const delivered: DeliveredJob[] = [];
        const broken: Error[] = [];
        const remember: JobHandler = (job) => {
          delivered.push(job);
          return handler(job);
        };
        const consumer = await queue.consume(remember, {
          concurrency,
          onBroken: (error) => broken.push(error),
        });
        context.onTestFinished(() => consumer.drain());
        return { delivered, broken, drain: () => consumer.drain() };
      };
      return { backend, open, consume };
    };
    const start = async (context: TestContext) => {
      const it = await setUp(context);
      return { ...it, queue: await it.open() };
    };
    /** One job at a time; the first runs until its gate is opened, and then has a line for the board. */
    const runOne = async ({
      queue,
      consume,
    }: Pick<Awaited<ReturnType<typeof start>>, 'queue' | 'consume'>) => {
      const gate = createGate();
      const ended: string[] = [];
      const handler: JobHandler = async ({ id, log }) => {
        if (id === stageJobId(job)) await gate.opened;
        await log('still here');
        ended.push(id);
      };
      const { delivered, broken } = await consume(queue, handler, 1);
      await queue.add(job);
      await until('it runs', () => delivered.length > 0);
      return { gate, ended, broken };
    };
    const untilState = (queue: StageQueue, of: StageJob, state: string) =>
      until(`${stageJobId(of)} is ${state}`, async () => (await queue.state(stageJobId(of))) === state);

    test('a job is delivered once, as it was added, however often it is added', async (context) => {
      const { queue, open, consume } = await start(context);
      const other = await open();
      await Promise.all([queue.add(job), other.add(job), queue.add(job)]);
      const { delivered } = await consume(queue);
      await untilState(queue, job, 'completed');
      await queue.add(nextJob);
      await untilState(queue, nextJob, 'completed');
      expect(delivered.map(({ id, job, attemptsMade }) => ({ id, job, attemptsMade }))).toEqual([
        { id: stageJobId(job), job, attemptsMade: 0 },
        { id: stageJobId(nextJob), job: nextJob, attemptsMade: 0 },
      ]);
    });

    test('no job is ever held back until a time: that is a due time in the row', async (context) => {
      const { queue } = await start(context);
      await queue.add(job);
      expect(await queue.board.getJobCounts('delayed')).toEqual({ delayed: 0 });
      expect(await queue.state(stageJobId(job))).toBe('waiting');
    });

    test('clean-ups come first, then stores that have come far, then those that came first', async (context) => {
      const { queue, consume } = await start(context);
      const stages = ['namespace', 'mysql', 'verify', 'teardown', 'namespace', 'teardown'] as const;
      const jobs = stages.map((stage, index): StageJob => ({ ...job, stage, dispatch: index + 1 }));
      for (const one of jobs) await queue.add(one);
      const { delivered } = await consume(queue, async () => {}, 1);
      await until('all are delivered', () => delivered.length === jobs.length);
      expect(delivered.map(({ job: { stage, dispatch } }) => `${stage} ${dispatch}`)).toEqual([
        'teardown 4',
        'teardown 6',
        'verify 3',
        'mysql 2',
        'namespace 1',
        'namespace 5',
      ]);
    });

    test('a job that has ended is not delivered again when it is added again', async (context) => {
      const { queue, consume } = await start(context);
      const { delivered } = await consume(queue, failing(nextJob));
      await queue.add(job);
      await queue.add(nextJob);
      await untilState(queue, job, 'completed');
      await untilState(queue, nextJob, 'failed');
      await queue.add(job);
      await queue.add(nextJob);
      await queue.add(lastJob);
      await untilState(queue, lastJob, 'completed');
      expect(delivered.map(({ id }) => id).toSorted()).toEqual([job, nextJob, lastJob].map(stageJobId));
      expect(await queue.state(stageJobId(job))).toBe('completed');
      expect(await queue.state(stageJobId(nextJob))).toBe('failed');
    });

    test('a stage that failed ends its job as failed, with its words, and it is not delivered again', async (context) => {
      const { queue, consume } = await start(context);
      const { delivered } = await consume(queue, failing(job));
      await queue.add(job);
      await untilState(queue, job, 'failed');
      const [onBoard] = await queue.board.getFailed();
      expect(onBoard?.failedReason).toBe('MySQL did not start');
      expect(onBoard?.stacktrace?.join('\n')).not.toContain('.ts:');
      expect(delivered).toHaveLength(1);
    });

    test('a job whose delivery failed is delivered again, and knows how often', async (context) => {
      const { queue, consume } = await start(context);
      const { delivered } = await consume(queue, async ({ attemptsMade }) => {
        if (attemptsMade < 2) throw new Error('deadlock detected');
      });
      await queue.add(job);
      await untilState(queue, job, 'completed');
      expect(delivered.map(({ attemptsMade }) => attemptsMade)).toEqual([0, 1, 2]);
    });

    test('a failed job that a person retries on the board has failed once more', async (context) => {
      const { queue, consume } = await start(context);
      const { delivered } = await consume(queue, async ({ attemptsMade }) => {
        if (attemptsMade === 0) throw new Error('the database does not answer');
        if (attemptsMade === 1) throw new StageFailure('MySQL did not start');
      });
      await queue.add(job);
      await untilState(queue, job, 'failed');
      await (await queue.board.getJob(stageJobId(job)))?.retry();
      await untilState(queue, job, 'completed');
      expect(delivered.map(({ attemptsMade }) => attemptsMade)).toEqual([0, 1, 2]);
    });

    test('a job whose consumer died comes again as it was: it has not failed', async (context) => {
      const { queue, backend } = await start(context);
      await queue.add(job);
      const attempts = await backend.deliverTwice();
      expect(attempts).toEqual([0, 0]);
    });

    test('a job that can’t be delivered five times ends as failed', async (context) => {
      const { queue, consume } = await start(context);
      const { delivered } = await consume(queue, () => Promise.reject(new Error('always')));
      await queue.add(job);
      await untilState(queue, job, 'failed');
      expect(delivered).toHaveLength(5);
    });

    test('a job is missing, then waits, then is active, then completed', async (context) => {
      const { queue, consume } = await start(context);
      const states = [await queue.state(stageJobId(job))];
      await queue.add(job);
      states.push(await queue.state(stageJobId(job)));
      const gate = createGate();
      const { delivered } = await consume(queue, () => gate.opened);
      await until('it is delivered', () => delivered.length > 0);
      states.push(await queue.state(stageJobId(job)));
      gate.open();
      await untilState(queue, job, 'completed');
      expect(states).toEqual(['missing', 'waiting', 'active']);
    });

    test('a job that is none of ours ends as failed, unseen, and keeps nobody', async (context) => {
      const { queue, consume } = await start(context);
      await queue.board.add('mysql', { storeId: 'store-aaaaaaaa', stage: 'no such' }, { jobId: 'alien' });
      await queue.add(job);
      const { delivered } = await consume(queue);
      await until('it failed', async () => (await queue.state('alien')) === 'failed');
      await untilState(queue, job, 'completed');
      expect(delivered.map(({ id }) => id)).toEqual([stageJobId(job)]);
    });

    test('up to so many jobs run at a time as were asked for', async (context) => {
      const { queue, consume } = await start(context);
      const jobs = dispatches(1, 7);
      const gate = createGate();
      let running = 0;
      let most = 0;
      await consume(
        queue,
        async () => {
          running += 1;
          most = Math.max(most, running);
          await gate.opened;
          running -= 1;
        },
        3,
      );
      for (const one of jobs) await queue.add(one);
      await until('three run', () => running === 3);
      gate.open();
      await Promise.all(jobs.map((one) => untilState(queue, one, 'completed')));
      expect(most).toBe(3);
    });

    test('each job goes to one of several consumers', async (context) => {
      const { queue, open, consume } = await start(context);
      const jobs = dispatches(1, 40);
      const other = await open();
      const consumers = [await consume(queue), await consume(other)];
      for (const one of jobs) await queue.add(one);
      await Promise.all(jobs.map((one) => untilState(queue, one, 'completed')));
      const delivered = consumers.flatMap((consumer) => consumer.delivered.map(({ id }) => id));
      expect(delivered.toSorted()).toEqual(jobs.map(stageJobId).toSorted());
    });

    test('a drain waits for what runs, and takes nothing more', async (context) => {
      const { queue, consume } = await start(context);
      const gate = createGate();
      const { delivered, drain } = await consume(queue, () => gate.opened, 1);
      await queue.add(job);
      await until('it runs', () => delivered.length > 0);
      let drained = false;
      const draining = drain().then(() => (drained = true));
      await queue.add(nextJob);
      expect(drained).toBe(false);
      gate.open();
      await draining;
      expect(await queue.state(stageJobId(job))).toBe('completed');
      expect(await queue.state(stageJobId(nextJob))).toBe('waiting');
      expect(delivered).toHaveLength(1);
    });

    test('lines for the board arrive in their order, also when many come at once', async (context) => {
      const { queue, consume } = await start(context);
      const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
      await consume(queue, async ({ log }) => {
        await Promise.all(lines.map(log));
      });
      await queue.add(job);
      await untilState(queue, job, 'completed');
      expect(await queue.board.getJobLogs(stageJobId(job))).toEqual({ logs: lines, count: lines.length });
    });

    test('a line that no database can hold is cleaned', async (context) => {
      const { queue, consume } = await start(context);
      await consume(queue, ({ log }) => log('a\0b\ud83d'));
      await queue.add(job);
      await untilState(queue, job, 'completed');
      expect((await queue.board.getJobLogs(stageJobId(job))).logs).toEqual(['ab\ufffd']);
    });

    test('a queue that somebody paused says so and delivers nothing, until it is resumed', async (context) => {
      const { queue, consume } = await start(context);
      expect(await queue.check()).toEqual({ isPaused: false });
      await queue.board.pause();
      expect(await queue.check()).toEqual({ isPaused: true });
      const { delivered } = await consume(queue);
      await queue.add(job);
      expect([await queue.state(stageJobId(job)), delivered]).toEqual(['waiting', []]);
      await queue.board.resume();
      await untilState(queue, job, 'completed');
      expect(await queue.check()).toEqual({ isPaused: false });
    });

    describe('when it forgot everything', () => {
      test('a job is missing and can be added again', async (context) => {
        const { backend, queue, consume } = await start(context);
        await queue.add(job);
        await backend.forget();
        expect(await queue.state(stageJobId(job))).toBe('missing');
        await queue.add(job);
        const { delivered } = await consume(queue);
        await untilState(queue, job, 'completed');
        expect(delivered).toHaveLength(1);
      });

      test('a handler that runs is not disturbed, its lines are lost, and its consumer goes on', async (context) => {
        const { backend, queue, consume } = await start(context);
        const { gate, ended, broken } = await runOne({ queue, consume });
        await backend.forget();
        gate.open();
        await until('it ended', () => ended.length > 0);
        await queue.add(nextJob);
        await untilState(queue, nextJob, 'completed');
        expect({ ended, broken }).toEqual({ ended: [job, nextJob].map(stageJobId), broken: [] });
      });
    });

    describe.each([
      { how: 'gone', leave: (it: QueueBackend) => it.stop(), comeBack: (it: QueueBackend) => it.start() },
      {
        how: 'frozen',
        leave: async (it: QueueBackend) => it.freeze(),
        comeBack: async (it: QueueBackend) => it.thaw(),
      },
    ])('while it is $how', ({ leave, comeBack }) => {
      test('each question is answered in time by one error, and it is there again by itself', async (context) => {
        const { backend, queue } = await start(context);
        await queue.check();
        await leave(backend);
        const questions = [() => queue.check(), () => queue.add(job), () => queue.state(stageJobId(job))];
        const since = performance.now();
        await Promise.all(questions.map((ask) => expect(ask()).rejects.toMatchObject(away)));
        expect(performance.now() - since).toBeLessThan(answerMs);
        await comeBack(backend);
        await until('it answers', () => answers(() => queue.check()));
        await until('it takes jobs', () => answers(() => queue.add(nextJob)));
        await untilState(queue, nextJob, 'waiting');
      });

      test('a consumer waits, and goes on when it is back', async (context) => {
        const { backend, queue, consume } = await start(context);
        const { delivered, broken } = await consume(queue);
        await queue.add(job);
        await untilState(queue, job, 'completed');
        await leave(backend);
        await expect(queue.check()).rejects.toMatchObject(away);
        await comeBack(backend);
        await until('it takes jobs', () => answers(() => queue.add(nextJob)));
        await until('it is delivered', () => delivered.some(({ id }) => id === stageJobId(nextJob)));
        expect(broken).toEqual([]);
      });

      test('a handler that runs is not disturbed, and its consumer goes on', async (context) => {
        const { backend, queue, consume } = await start(context);
        const { gate, ended, broken } = await runOne({ queue, consume });
        await leave(backend);
        gate.open();
        await until('it ended', () => ended.length > 0, { timeoutMs: answerMs });
        await comeBack(backend);
        await until('it takes jobs', () => answers(() => queue.add(nextJob)));
        await until('the next one ended', () => ended.includes(stageJobId(nextJob)));
        expect(broken).toEqual([]);
      });

      test('a process that starts waits for it, or says so in time and can start again', async (context) => {
        const { backend, open, consume } = await setUp(context);
        await leave(backend);
        const since = performance.now();
        const delivered: string[] = [];
        const tryToStart = async () => {
          const queue = await open();
          await consume(queue, async ({ id }) => void delivered.push(id));
        };
        const started = await tryToStart().then(
          () => true,
          (error: unknown) => {
            expect(error).toMatchObject(away);
            return false;
          },
        );
        expect(performance.now() - since).toBeLessThan(2 * answerMs);
        await comeBack(backend);
        if (!started) await tryToStart();
        const sender = await open();
        await until('it takes jobs', () => answers(() => sender.add(job)));
        await until('it is delivered', () => delivered.includes(stageJobId(job)));
      });

      test('a process can leave as soon as its handlers have ended', async (context) => {
        const { backend, queue, consume } = await start(context);
        const gate = createGate();
        const { delivered, drain } = await consume(queue, async ({ log }) => {
          await gate.opened;
          await log('the last words');
        });
        await queue.add(job);
        await until('it runs', () => delivered.length > 0);
        await leave(backend);
        const draining = drain();
        gate.open();
        const since = performance.now();
        await draining;
        await queue.close();
        expect(performance.now() - since).toBeLessThan(6000);
      });
    });
  });
};

const job: StageJob = { storeId: 'store-aaaaaaaa', generation: 1, stage: 'mysql', dispatch: 1 };
const nextJob: StageJob = { ...job, dispatch: 2 };
const lastJob: StageJob = { ...job, dispatch: 3 };

const dispatches = (first: number, last: number): StageJob[] =>
  Array.from({ length: last - first + 1 }, (_, index) => ({ ...job, dispatch: first + index }));

const failing =
  (which: StageJob): JobHandler =>
  async ({ id }) => {
    if (id === stageJobId(which)) throw new StageFailure('MySQL did not start');
  };

const createGate = () => {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
};

const answers = (ask: () => Promise<unknown>): Promise<boolean> =>
  ask().then(
    () => true,
    () => false,
  );
