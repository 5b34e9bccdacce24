import { setTimeout as pause } from 'node:timers/promises';
import type { FaultBed } from '../fault-bed.ts';
import { awayFor, hangingFor } from '../for-a-while.ts';
import { status } from '../grids/kube-troubles.ts';

/** Something that goes wrong for everybody. */
interface Gust {
  readonly name: string;
  blow(bed: FaultBed): unknown;
}

const longerThanALeaseMs = 8_000;
const aWhileMs = 3_000;

/** Never the first, which shall grow old. */
const someWorker = ({ workers }: FaultBed, random: () => number) => {
  const [, ...others] = workers.workers();
  return others[Math.floor(random() * others.length)];
};

const gusts = (random: () => number): readonly Gust[] => [
  { name: 'a worker is killed', blow: (bed) => someWorker(bed, random)?.process.kill('SIGKILL') },
  {
    name: 'a worker stands still past its lease',
    blow: async (bed) => {
      const worker = someWorker(bed, random);
      worker?.process.kill('SIGSTOP');
      await pause(longerThanALeaseMs);
      worker?.process.kill('SIGCONT');
    },
  },
  { name: "PostgreSQL's connections are cut", blow: ({ proxies }) => proxies.database.breakConnections() },
  { name: "a commit's answer is lost", blow: ({ proxies }) => proxies.database.loseAnswerTo('commit', 1) },
  {
    name: 'PostgreSQL is slow',
    blow: async ({ proxies }) => {
      proxies.database.delay(200);
      await pause(aWhileMs);
      proxies.database.delay(0);
    },
  },
  {
    name: 'PostgreSQL is away',
    blow: ({ proxies }) => awayFor(proxies.database, aWhileMs),
  },
  { name: "Kubernetes' connections are cut", blow: ({ proxies }) => proxies.cluster.breakConnections() },
  {
    name: 'Kubernetes hangs',
    blow: ({ proxies }) => hangingFor(proxies.cluster, aWhileMs),
  },
  {
    name: 'Kubernetes answers 503',
    blow: ({ emulator }) =>
      emulator.faults.inject({
        times: 3,
        effect: status(503, 'ServiceUnavailable', 'not now'),
      }),
  },
  {
    name: 'Kubernetes answers 429',
    blow: ({ emulator }) =>
      emulator.faults.inject({
        times: 3,
        effect: status(429, 'TooManyRequests', 'too many requests', 1),
      }),
  },
  {
    name: 'an answer is lost',
    blow: ({ emulator }) => emulator.faults.inject({ times: 1, effect: { kind: 'answer lost' } }),
  },
  {
    name: 'the queue is away',
    blow: ({ proxies }) => proxies.redis && awayFor(proxies.redis, aWhileMs),
  },
  {
    name: 'the queue forgets everything',
    blow: ({ redis, db }) =>
      redis ? redis.flush() : db.query('drop schema if exists bullmq cascade').catch(() => undefined),
  },
];

/**
 * Something goes wrong again and again, one thing after the other.
 * @returns what ends it, and how often what was met
 */
export const raiseStorm = (bed: FaultBed, random: () => number, everyMs: number) => {
  const blown = new Map<string, number>();
  const ended = new AbortController();
  const all = gusts(random).filter(({ name }) => bed.proxies.redis ?? name !== 'the queue is away');
  const rage = async () => {
    while (!ended.signal.aborted) {
      await pause(2 * random() * everyMs);
      const gust = all[Math.floor(random() * all.length)];
      if (!gust) continue;
      await gust.blow(bed);
      blown.set(gust.name, (blown.get(gust.name) ?? 0) + 1);
    }
  };
  const raging = rage();
  return {
    blown: () => blown,
    calm: async () => {
      ended.abort();
      await raging;
    },
  };
};
