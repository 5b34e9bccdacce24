import { stagePlan, type StageName } from '@store-platform/shared/contract/stage';
import type { StoreDetail } from '@store-platform/shared/contract/store';
import { collectionPath, isKind } from '@store-platform/shared/kube/kube-object';
import { until } from '@store-platform/shared/testing/until';
import type { Fault } from '../../../services/cluster-emulator/src/faults/faults.ts';
import { mysqlOf } from '../../../services/worker/src/manifests/mysql.ts';
import { wordpressOf } from '../../../services/worker/src/manifests/wordpress.ts';
import { sampleShop } from '../../../services/worker/src/testing/sample-shop.ts';
import { objectsOf } from '../cluster-witness.ts';
import type { FaultBed } from '../fault-bed.ts';
import { follow, oneStore, reporting, type FaultCase, type Grid } from '../fault-case.ts';
import { blameless, joinVerdicts } from '../oracle.ts';
import type { Point } from '../point.ts';
import { seeded, shuffled } from '../seeded.ts';
import { isNoRead, status, troubles, type Call, type End, type Trouble } from './kube-troubles.ts';

/** Kubernetes answers each stage wrongly, late, or not at all. A stage that asks nothing of it (`verify`) has no case. */
export const kube: Grid = {
  name: 'kube',
  title: 'Kubernetes refuses, breaks off, hangs, or loses its answer',
  promises: [1, 2, 4, 9, 10],
  cases: ({ points, seed }) => {
    const calls = points.flatMap((point) => callAt(point) ?? []);
    const stages = [...new Set(calls.map(({ stage }) => stage))];
    const random = seeded(seed);
    const cases = stages.flatMap((stage) => {
      const ofStage = calls.filter((call) => call.stage === stage);
      return troubles.flatMap((trouble) => {
        const met = ofStage.filter((call) => trouble.fits(call));
        // What a stage bears without failing it bears at each of its calls; else one call is as good as another.
        const chosen = trouble.end(stage) === 'absorbed' ? met : shuffled(met, random).slice(0, 1);
        return chosen.length > 0 ? [caseOf(stage, chosen, trouble)] : [];
      });
    });
    return [...cases, ...calls.filter((call) => !isNoRead(call)).map(untrue)];
  },
};

const staysAlive = (end: End): boolean => end === 'absorbed' || end === 'retried' || end === 'outlasted';

const methods: Readonly<Record<string, string>> = {
  apply: 'PATCH',
  create: 'POST',
  get: 'GET',
  delete: 'DELETE',
};

/** The call that begins at a point; undefined where none does. */
const callAt = ({ stage, moment }: Omit<Point, 'storeId'>): Call | undefined => {
  if (moment.startsWith('before exec')) return { stage, moment, method: 'EXEC', resource: 'pods' };
  const [, verb = '', kind = '', times = '1'] = /^before (\w+) (\w+)(?: #(\d+))?$/.exec(moment) ?? [];
  const method = methods[verb];
  if (method === undefined || !isKind(kind)) return undefined;
  const resource = collectionPath(kind).split('/').at(-1) ?? '';
  const name = sideBySide[stage]?.filter((manifest) => manifest.kind === kind)[Number(times) - 1]?.metadata
    .name;
  return { stage, moment, method, resource, ...(name !== undefined && { name }) };
};

const sideBySide: Partial<Record<StageName, ReturnType<typeof mysqlOf>>> = {
  mysql: mysqlOf(sampleShop()),
  wordpress: wordpressOf(sampleShop()),
};

const caseOf = (stage: StageName, calls: readonly Call[], trouble: Trouble): FaultCase => {
  const { name, effect } = trouble;
  const isTeardown = stage === 'teardown';
  const end = trouble.end(stage);
  const times = trouble.times(stage);
  const which = calls.length === 1 ? calls[0]?.moment.replace('before ', '') : 'each call';
  return oneStore({
    name: `${name} to ${stage}, ${which}`,
    ends: isTeardown || staysAlive(end) ? 'ready' : 'failed',
    check: isTeardown ? () => [] : (store) => complaintsOf(store, stage, { end, effect }),
    lay: (bed, storeId) => {
      const met = calls.map((call) => meet(bed, storeId, call, { times, effect }));
      return {
        met: () => met.reduce((sum, each) => sum + each(), 0),
        wanted: calls.length * times,
      };
    },
  });
};

/** Lays the fault when the worker is about to make that very call, and only then. */
const meet = (
  bed: FaultBed,
  storeId: string,
  { stage, moment, method, resource, name }: Call,
  { times, effect }: Pick<Fault, 'times' | 'effect'>,
): (() => number) => {
  let fault: { met(): number } | undefined;
  const order = bed.workers.order({
    storeId,
    stage,
    moment,
    action: 'hold',
    onReached: () => {
      const address = { method, resource, namespace: storeId, ...(name !== undefined && { name }) };
      fault = bed.emulator.faults.inject({ ...address, times, effect });
      order.goOn();
    },
  });
  return () => fault?.met() ?? 0;
};

const complaintsOf = (
  { stages, error_code, error }: StoreDetail,
  name: StageName,
  { end, effect }: { end: End; effect: Fault['effect'] },
): string[] => {
  const attempt = stages.find(({ stage }) => stage === name)?.attempt ?? 0;
  if (end === 'absorbed') return attempt === 1 ? [] : [`${name} took ${attempt} attempts`];
  if (end === 'retried') return attempt <= 2 ? [] : [`${name} took ${attempt} attempts`];
  if (end === 'outlasted') {
    return attempt > stagePlan[name].attempts ? [] : [`${name} took only ${attempt} attempts`];
  }
  const words = effect.kind === 'status' ? (effect.message.split(': ').at(-1) ?? '') : '';
  const isTold =
    end === 'quota_exceeded' ? /quota store is too small/.test(error ?? '') : error?.includes(words);
  return [
    ...(error_code === end ? [] : [`it failed with ${error_code}, not ${end}: ${error}`]),
    ...(isTold ? [] : [`its reason is not told: ${error}`]),
  ];
};

/**
 * A clean-up that is told, against the truth, that there is no namespace. It can only believe it; the sweep for
 * namespaces that came back finds what is left.
 */
const untrue = (call: Call): FaultCase => ({
  name: `404 to ${call.stage}, ${call.moment.replace('before ', '')}, against the truth`,
  run: async (ground) => {
    const { bed } = ground;
    const storeId = bed.newStoreId();
    const effect = status(404, 'NotFound', `namespaces "${storeId}" not found`);
    const met = meet(bed, storeId, call, { times: 1, effect });
    const verdict = await reporting(async () => {
      await bed.create(storeId);
      await bed.awaitStore(storeId, 'ready', (store) => store.status === 'ready');
      await bed.delete(storeId);
      await until('nothing is left', () => objectsOf(bed.emulator.store, storeId).length === 0, patience);
      return follow(ground, storeId, 'deleted');
    });
    const unmet = met() === 1 ? [] : [`${storeId}: the fault was met ${met()} times`];
    return { injected: met(), verdict: joinVerdicts([verdict, { ...blameless, different: unmet }]) };
  },
});

const patience = { timeoutMs: 120_000, everyMs: 50 };
