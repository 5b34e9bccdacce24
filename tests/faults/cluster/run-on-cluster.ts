import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { provisioningStages, type StageName } from '@store-platform/shared/contract/stage';
import { isPartOf } from '../../../services/worker/src/manifests/labels.ts';
import { reporting } from '../fault-case.ts';
import { awayFor, hangingFor } from '../for-a-while.ts';
import { blameless, joinVerdicts, type Verdict } from '../oracle.ts';
import type { Point } from '../point.ts';
import type { GridResult } from '../run-grids.ts';
import { sideBySide } from '../side-by-side.ts';
import type { ClusterBed } from './open-cluster-bed.ts';

/** What happens to the platform when a store's worker comes to a point. */
interface ClusterCase {
  readonly name: string;
  readonly at: Pick<Point, 'stage' | 'moment'>;
  readonly action: 'kill' | 'note';
  act?(bed: ClusterBed, storeId: string): Promise<unknown>;
  readonly ends?: 'deleted';
}

const aMinuteMs = 60_000;
/** So long into the recipe. */
const midwayMs = 3000;
/** A real cluster pulls, starts and removes in its own time, and is away for a minute in some cases. */
const patienceMs = 900_000;
const atATime = 3;

const killedAt = (stage: StageName, moment: string): ClusterCase => ({
  name: `a worker is killed at ${stage}, ${moment}`,
  at: { stage, moment },
  action: 'kill',
});

const cases: readonly ClusterCase[] = [
  ...provisioningStages.map((stage) => killedAt(stage, 'ran')),
  killedAt('namespace', 'claimed'),
  killedAt('wp-cli', 'after exec'),
  killedAt('teardown', 'ran'),
  {
    name: 'the connections to Kubernetes are cut while the recipe runs',
    at: { stage: 'wp-cli', moment: 'before exec' },
    action: 'note',
    act: async ({ proxies }) => {
      await pause(midwayMs);
      proxies.cluster.breakConnections();
    },
  },
  {
    name: 'Kubernetes hangs for a minute',
    at: { stage: 'wordpress', moment: 'ran' },
    action: 'note',
    act: ({ proxies }) => hangingFor(proxies.cluster, aMinuteMs),
  },
  {
    name: 'Kubernetes is away for a minute',
    at: { stage: 'mysql', moment: 'claimed' },
    action: 'note',
    act: ({ proxies }) => awayFor(proxies.cluster, aMinuteMs),
  },
  {
    name: "PostgreSQL's connections are cut while the recipe runs",
    at: { stage: 'wp-cli', moment: 'before exec' },
    action: 'note',
    act: async ({ proxies }) => {
      await pause(midwayMs);
      proxies.database.breakConnections();
    },
  },
  {
    name: 'the store is deleted while the recipe runs',
    at: { stage: 'wp-cli', moment: 'before exec' },
    action: 'note',
    act: async (bed, storeId) => {
      await pause(midwayMs);
      await bed.delete(storeId);
    },
    ends: 'deleted',
  },
];

/** What a ready store is made of, without what is each store's own. */
type Made = Readonly<Record<string, string>>;

/** The part of the faults that makes sense on a real cluster, told as one grid of the report. */
export const runOnCluster = async (
  bed: ClusterBed,
  { only, say }: { only: RegExp | undefined; say(text: string): void },
): Promise<GridResult> => {
  const begin = performance.now();
  const wanted = cases.filter(({ name }) => only?.test(name) ?? true);
  const reference = await withoutFaults(bed);
  const results = await sideBySide(wanted, atATime, async (one) => {
    const result = await run(bed, one, reference);
    say(`${result.injected > 0 ? 'met' : 'not met'}: ${one.name}`);
    return result;
  });
  return {
    grid: {
      name: 'cluster',
      title: 'On a real cluster: workers die, and the ways to Kubernetes and PostgreSQL break',
      promises: [1, 2, 3, 4, 5],
      cases: () => [],
    },
    backend: bed.backend,
    cases: wanted.length,
    injected: results.reduce((sum, { injected }) => sum + injected, 0),
    verdict: joinVerdicts(results.map(({ verdict }) => verdict)),
    seconds: (performance.now() - begin) / 1000,
  };
};

/** @throws Error when it isn't ready */
const withoutFaults = async (bed: ClusterBed): Promise<Made> => {
  const storeId = bed.newStoreId();
  await bed.create(storeId);
  await bed.awaitStore(storeId, 'ready', ({ status }) => status === 'ready', patienceMs);
  const made = await whatIsMade(bed, storeId);
  await bed.delete(storeId);
  return made;
};

const run = async (bed: ClusterBed, { name, at, action, act, ends }: ClusterCase, reference: Made) => {
  const storeId = bed.newStoreId();
  const acting: Promise<unknown>[] = [];
  const order = bed.workers.order({
    storeId,
    ...at,
    action,
    onReached: () => acting.push(act?.(bed, storeId) ?? Promise.resolve()),
  });
  const verdict = await reporting(async () => {
    await bed.create(storeId);
    if (ends !== 'deleted') {
      await bed.awaitStore(storeId, 'ready', ({ status }) => status === 'ready', patienceMs);
      const different = differences(reference, await whatIsMade(bed, storeId));
      await bed.delete(storeId);
      return joinVerdicts([
        { ...blameless, different: different.map((what) => `${storeId}: ${what}`) },
        await gone(bed, storeId),
      ]);
    }
    return gone(bed, storeId);
  });
  await Promise.all(acting);
  const unmet = order.met() > 0 ? [] : [`${name}: the fault was not met`];
  return {
    injected: order.met(),
    verdict: joinVerdicts([verdict, { ...blameless, different: unmet }]),
  };
};

const gone = async (bed: ClusterBed, storeId: string): Promise<Verdict> => {
  await bed.awaitStore(storeId, 'deleted', ({ status }) => status === 'deleted', patienceMs);
  const left = await bed.cluster.get({ kind: 'Namespace', name: storeId });
  return { ...blameless, leaked: left ? [`${storeId}, which is deleted, left its namespace`] : [] };
};

const lists: Readonly<Record<string, string>> = {
  deployments: '/apis/apps/v1',
  services: '/api/v1',
  persistentvolumeclaims: '/api/v1',
  secrets: '/api/v1',
  configmaps: '/api/v1',
  resourcequotas: '/api/v1',
  limitranges: '/api/v1',
  ingresses: '/apis/networking.k8s.io/v1',
  networkpolicies: '/apis/networking.k8s.io/v1',
};
const Listed = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });
/** A cluster gives each namespace these. */
const ofTheCluster = /^(default-token-|kube-root-ca)/;

/** Once each, whatever happened: administrators, products, and WooCommerce's own pages. */
const counts = `select concat_ws(' ',
  (select count(*) from wp_users),
  (select count(*) from wp_posts where post_type = 'product'),
  (select count(*) from wp_posts where post_type = 'page' and post_name in ('shop', 'cart', 'checkout', 'my-account')))`;

const whatIsMade = async (bed: ClusterBed, namespace: string): Promise<Made> => {
  const { http, cluster } = bed;
  const made: Record<string, string> = {};
  for (const [kind, api] of Object.entries(lists)) {
    const path = `${api}/namespaces/${namespace}/${kind}`;
    const { items } = Listed.parse(await http.call({ method: 'GET', path, repeatable: true }));
    const names = items.map(({ metadata }) => metadata.name).filter((name) => !ofTheCluster.test(name));
    made[kind] = names.toSorted().join(', ');
  }
  const pod = cluster.watch.list('Pod', namespace).find((each) => isPartOf(each, { generation: 1 }, 'mysql'));
  let said = '';
  await cluster.exec({
    namespace,
    pod: pod?.metadata.name ?? '',
    container: 'mysql',
    command: [
      'sh',
      '-c',
      `MYSQL_PWD=$MYSQL_PASSWORD mysql -N -h127.0.0.1 -u$MYSQL_USER $MYSQL_DATABASE -e "${counts}"`,
    ],
    signal: AbortSignal.timeout(aMinuteMs),
    onLine: (line) => (said += line),
  });
  return { ...made, 'users, products, pages': said };
};

const differences = (should: Made, is: Made): string[] =>
  Object.keys(should)
    .filter((part) => should[part] !== is[part])
    .map((part) => `${part} are ${is[part]}, not ${should[part]}`);
