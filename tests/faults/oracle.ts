import { setTimeout as pause } from 'node:timers/promises';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { problems } from '@store-platform/shared/contract/problem';
import { provisioningStages } from '@store-platform/shared/contract/stage';
import type { StoreDetail } from '@store-platform/shared/contract/store';
import { at, isJsonObject, stringAt } from '../../services/cluster-emulator/src/objects/json.ts';
import type { KubeObject } from '../../services/cluster-emulator/src/objects/object-store.ts';
import { readShop } from '../../services/cluster-emulator/src/pod-runtime/stand-in/shop-state.ts';
import { objectsOf } from './cluster-witness.ts';
import type { FaultBed } from './fault-bed.ts';

/** What is wrong with the end of a store, in sentences; all empty when it is the end of a run without faults. */
export interface Verdict {
  /** It came to no end, or to another one than it should. */
  readonly lost: readonly string[];
  /** Something of it is left that should be gone. */
  readonly leaked: readonly string[];
  /** Something was done twice. */
  readonly doubled: readonly string[];
  /** Something else isn't as after a run without faults. */
  readonly different: readonly string[];
}

export const blameless: Verdict = { lost: [], leaked: [], doubled: [], different: [] };

export const joinVerdicts = (verdicts: readonly Verdict[]): Verdict => ({
  lost: verdicts.flatMap(({ lost }) => lost),
  leaked: verdicts.flatMap(({ leaked }) => leaked),
  doubled: verdicts.flatMap(({ doubled }) => doubled),
  different: verdicts.flatMap(({ different }) => different),
});

/** All of it, a line each. */
export const wrongs = ({ lost, leaked, doubled, different }: Verdict): string[] =>
  Object.entries({ lost, leaked, doubled, different }).flatMap(([how, what]) =>
    what.map((text) => `${how}: ${text}`),
  );

const lookAgainMs = 100;

/** @returns the first verdict in which nothing is wrong, or the last one in this time */
export const settled = async (judge: () => Promise<Verdict>, timeoutMs: number): Promise<Verdict> => {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const verdict = await judge();
    if (performance.now() > end || wrongs(verdict).length === 0) return verdict;
    await pause(lookAgainMs);
  }
};

/** A ready store as it stands in its rows, in the cluster and in the shop, without what is each store's own. */
export type EndState = Readonly<Record<string, string>>;

/** @returns what stands where, each part as text. */
export const readyStateOf = (bed: FaultBed, store: StoreDetail): EndState => {
  const objects = objectsOf(bed.emulator.store, store.namespace).filter(({ kind }) => !passing.has(kind));
  return Object.fromEntries([
    [
      'status',
      `${store.status}${store.error ?? ''}${store.cleaned_up_at ?? ''}${store.unavailable_since ?? ''}`,
    ],
    ['stages', store.stages.map(({ stage, status }) => `${stage} ${status}`).join(', ')],
    ['shop', shopOf(bed, store.namespace)],
    ...objects.map((object) => [placeOf(object), anonymous(store, object)]),
  ]);
};

const passing: ReadonlySet<string> = new Set(['Event', 'Endpoints', 'EndpointSlice']);

/** Pods and replica sets have names of chance, and there is one of each part. */
const placeOf = ({ kind, metadata }: KubeObject): string => {
  const isRandom = kind === 'Pod' || kind === 'ReplicaSet';
  return `${kind} ${isRandom ? metadata.labels?.['app'] : kind === 'Namespace' ? '' : metadata.name}`;
};

/** What of an object is the same in each store. */
const anonymous = (store: StoreDetail, object: KubeObject): string => {
  const isWritten = object.kind !== 'Pod' && object.kind !== 'ReplicaSet';
  const { metadata, status, data, ...rest } = object;
  const { labels, annotations, finalizers, generation } = metadata;
  const parts = {
    labels,
    annotations,
    finalizers,
    // Raised by each write that changes the spec.
    ...(isWritten && { generation, rest }),
    keys: isJsonObject(data) ? Object.keys(data) : [],
    phase: at(status, 'phase'),
    ready: at(status, 'readyReplicas'),
    used: at(status, 'used'),
  };
  return JSON.stringify(parts)
    .replaceAll(store.store_id, 'STORE')
    .replaceAll(
      `"store-platform.dev/generation":"${store.generation}"`,
      '"store-platform.dev/generation":"N"',
    )
    .replaceAll(ofChance, '"$1":"ANY"');
};

/** What a cluster chooses for each object. */
const ofChance = /"(pod-template-hash|volumeName|clusterIP)":"[^"]*"/g;

/** What the shop itself keeps: one administrator with the Secret's password, the recipe's products, and so on. */
const shopOf = (bed: FaultBed, namespace: string): string => {
  const folder = join(bed.claimsDir, namespace);
  const claim = existsSync(folder) && readdirSync(folder).find((name) => name.startsWith('wordpress-data'));
  if (!claim) return 'no claim';
  const { options, admin, products, orders, ...rest } = readShop(join(folder, claim));
  const secret = objectsOf(bed.emulator.store, namespace).find(
    ({ kind, metadata }) => kind === 'Secret' && metadata.name === 'store-credentials',
  );
  const password = Buffer.from(stringAt(secret, 'data', 'admin-password') ?? '', 'base64').toString();
  const text = JSON.stringify({
    ...rest,
    admin: admin?.user,
    isPasswordOfSecret: admin?.password === password,
    products: products.map(({ sku, name, price, id }) => `${id} ${sku} ${name} ${price}`),
    orders: orders.length,
    options,
  });
  return text.replaceAll(namespace, 'STORE');
};

/** @param reference of a store that met no fault */
export const judgeReady = (bed: FaultBed, store: StoreDetail, reference: EndState): Verdict => {
  const end = readyStateOf(bed, store);
  const parts = [...new Set([...Object.keys(reference), ...Object.keys(end)])];
  const different = parts
    .filter((part) => end[part] !== reference[part])
    .map((part) => `${store.store_id}: ${part} ${differs(end[part], reference[part])}`);
  const once = store.generation === 1 ? ['store_created', 'store_ready'] : ['store_created'];
  const times = (type: string) => store.events.filter(({ event_type }) => event_type === type).length;
  const told = once
    .filter((type) => times(type) !== 1)
    .map((type) => `${store.store_id}: ${type} was told ${times(type)} times`);
  const stagesDone = store.events
    .filter(({ event_type }) => event_type === 'stage_done')
    .map(({ stage }) => stage);
  const twice =
    store.generation === 1
      ? provisioningStages.filter((stage) => stagesDone.filter((done) => done === stage).length !== 1)
      : [];
  return {
    ...blameless,
    different,
    doubled: [
      ...doubledOf(bed, store),
      ...told,
      ...twice.map((stage) => `${store.store_id}: ${stage} was not closed exactly once`),
    ],
  };
};

const shownAround = 60;

/** Where two texts part. */
const differs = (is: string | undefined, should: string | undefined): string => {
  if (is === undefined || should === undefined) return is === undefined ? 'is missing' : 'is one too many';
  const at = [...is].findIndex((letter, index) => letter !== should[index]);
  const part = (text: string) => text.slice(Math.max(0, at - shownAround), at + shownAround);
  return `is …${part(is)}…, not …${part(should)}…`;
};

/** Nothing of it may be left: no object, no claim. The rest of the verdict is the caller's. */
export const judgeGone = (bed: FaultBed, store: StoreDetail): Verdict => {
  const objects = objectsOf(bed.emulator.store, store.namespace).map(placeOf);
  const folder = join(bed.claimsDir, store.namespace);
  const left = [
    ...objects,
    ...(existsSync(folder) ? [`the folder of its claims (${readdirSync(folder).join(', ')})`] : []),
  ];
  return {
    ...blameless,
    leaked: left.map((what) => `${store.store_id}, which is ${store.status}, left ${what}`),
    doubled: doubledOf(bed, store),
  };
};

/** Why it failed must be told to people: in its row, and as an event. */
export const judgeFailed = (bed: FaultBed, store: StoreDetail): Verdict => {
  const untold = [
    store.error_code !== null && store.error_code in problems ? undefined : `the code ${store.error_code}`,
    store.error ? undefined : 'no sentence',
    store.error_hint ? undefined : 'no hint',
    store.events.some(({ event_type }) => event_type === 'store_failed') ? undefined : 'no event',
  ].filter((what) => what !== undefined);
  return joinVerdicts([
    judgeGone(bed, store),
    { ...blameless, different: untold.map((what) => `${store.store_id} failed with ${what}`) },
  ]);
};

const doubledOf = (bed: FaultBed, store: StoreDetail): string[] => [
  ...bed.witness.doubled(store.namespace).map((what) => `${store.store_id}: ${what}`),
  ...(bed.witness.lives(store.namespace) > store.generation
    ? [`${store.store_id}: its namespace was made ${bed.witness.lives(store.namespace)} times`]
    : []),
];

/** No run of any store is open, and the queue holds no job that somebody still has to take. */
export const judgeBed = async (bed: FaultBed): Promise<Verdict> => {
  const open = await bed.db.query(
    "select store_id, stage, status from stage_runs where status not in ('done', 'failed', 'cancelled')",
  );
  const counts = await bed.queue.board.getJobCounts('waiting', 'delayed', 'prioritized');
  const jobs = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return {
    ...blameless,
    lost: open.map((run) => `a run is left open: ${JSON.stringify(run)}`),
    leaked: jobs > 0 ? [`${jobs} jobs are left in the queue: ${JSON.stringify(counts)}`] : [],
  };
};
