import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Logger } from '../log/logger.ts';
import { KubeStatusError } from './kube-error.ts';
import type { KubeHttp } from './kube-http.ts';
import { collectionPath, parseKubeList, parseKubeObject, type Kind, type KubeObject } from './kube-object.ts';

export const managedByLabel = 'app.kubernetes.io/managed-by';
export const managedByValue = 'store-platform';
export const installationLabel = 'store-platform.dev/installation';

/** What stages wait for and people are told about; each kind is one stream, whatever the number of stores. */
const watchedKinds = ['Namespace', 'Deployment', 'ReplicaSet', 'Pod', 'PersistentVolumeClaim'] as const;
export type WatchedKind = (typeof watchedKinds)[number];

export interface ClusterWatch {
  /** Resolves when every kind was listed once. */
  start(): Promise<void>;
  stop(): void;
  /** What the watch last saw. */
  find(kind: WatchedKind, namespace: string | undefined, name: string): KubeObject | undefined;
  list(kind: WatchedKind, namespace?: string): KubeObject[];
  /** Whether every stream is alive, as far as anyone can know. */
  isFresh(): boolean;
  /**
   * Asks `look` now and after each change until it answers with something.
   * @throws what `look` throws, or the signal's reason.
   */
  until<T>(look: () => T | undefined, signal: AbortSignal): Promise<T>;
}

export interface ClusterWatchOptions {
  http: Pick<KubeHttp, 'call' | 'open'>;
  installationId: string;
  logger: Logger;
  timing?: { staleAfterMs: number; restartAfterMs: number };
}

/** A stream that says nothing for so long, not even a bookmark, may be dead without an error: it is started anew. */
const defaults = { staleAfterMs: 60_000, restartAfterMs: 500 };
/** The server ends each stream after this time; the next one resumes where it ended. */
const streamSeconds = 300;
/** Should an event be lost for all that, whoever waits looks again after this time. */
const lookAgainMs = 15_000;

type Objects = Map<string, KubeObject>;
const keyOf = (namespace: string | undefined, name: string) => `${namespace ?? ''}/${name}`;
const keyOfObject = ({ metadata }: KubeObject) => keyOf(metadata.namespace, metadata.name);

/** One watch per worker, shared by all its stages: nothing polls per store. */
export const createClusterWatch = (options: ClusterWatchOptions): ClusterWatch => {
  const timing = options.timing ?? defaults;
  const caches = new Map<WatchedKind, Objects>(watchedKinds.map((kind) => [kind, new Map()]));
  const fresh = new Set<WatchedKind>();
  const waiters = new Set<() => void>();
  const stopping = new AbortController();

  const tell = () => {
    for (const waiter of waiters) waiter();
  };

  const follow = async (kind: WatchedKind, listed: () => void): Promise<void> => {
    let from: string | undefined;
    while (!stopping.signal.aborted) {
      try {
        if (from === undefined) from = await relist(kind);
        fresh.add(kind);
        listed();
        from = await stream(kind, from);
      } catch (error) {
        fresh.delete(kind);
        // 410: the server no longer remembers that far back.
        if (error instanceof KubeStatusError && error.status === 410) from = undefined;
        if (stopping.signal.aborted) return;
        options.logger.debug({ err: error, kind }, 'A watch is started anew');
        await pause(timing.restartAfterMs * (0.5 + Math.random()), undefined, {
          signal: stopping.signal,
        }).catch(() => from);
      }
    }
  };

  const selector = String(
    new URLSearchParams({
      labelSelector: `${managedByLabel}=${managedByValue},${installationLabel}=${options.installationId}`,
    }),
  );

  const relist = async (kind: WatchedKind): Promise<string> => {
    const path = `${pathOf(kind)}?${selector}`;
    const { resourceVersion, items } = parseKubeList(
      await options.http.call({ method: 'GET', path, signal: stopping.signal, repeatable: true }),
    );
    caches.set(kind, new Map(items.map((item) => [keyOfObject(item), item])));
    tell();
    return resourceVersion;
  };

  /** @returns the version to go on from, when the server ends the stream in good order. */
  const stream = async (kind: WatchedKind, from: string): Promise<string> => {
    const query = `watch=1&allowWatchBookmarks=true&resourceVersion=${from}&timeoutSeconds=${streamSeconds}`;
    const silence = new AbortController();
    const signal = AbortSignal.any([stopping.signal, silence.signal]);
    const stale = () => silence.abort(new Error('The watch fell silent'));
    let timer = setTimeout(stale, timing.staleAfterMs);
    let last = from;
    try {
      const response = await options.http.open(`${pathOf(kind)}?${selector}&${query}`, signal);
      for await (const line of linesOf(response)) {
        clearTimeout(timer);
        timer = setTimeout(stale, timing.staleAfterMs);
        last = take(kind, JSON.parse(line)) ?? last;
      }
      return last;
    } finally {
      clearTimeout(timer);
    }
  };

  const take = (kind: WatchedKind, value: unknown): string | undefined => {
    const { type, object } = WatchEvent.parse(value);
    if (type === 'ERROR') throw new KubeStatusError(codeOfStatus(object), JSON.stringify(object));
    if (type === 'BOOKMARK') return Bookmark.parse(object).metadata.resourceVersion;
    const seen = parseKubeObject(object);
    const cache = caches.get(kind);
    if (type === 'DELETED') cache?.delete(keyOfObject(seen));
    else cache?.set(keyOfObject(seen), seen);
    tell();
    return seen.metadata.resourceVersion;
  };

  return {
    start: async () => {
      await Promise.all(watchedKinds.map((kind) => new Promise<void>((listed) => void follow(kind, listed))));
    },
    stop: () => stopping.abort(new Error('The watch was stopped')),
    find: (kind, namespace, name) => caches.get(kind)?.get(keyOf(namespace, name)),
    list: (kind, namespace) =>
      [...(caches.get(kind)?.values() ?? [])].filter(
        (object) => namespace === undefined || object.metadata.namespace === namespace,
      ),
    isFresh: () => fresh.size === watchedKinds.length,
    until: <T>(look: () => T | undefined, signal: AbortSignal) => waitFor(waiters, look, signal),
  };
};

const waitFor = <T>(waiters: Set<() => void>, look: () => T | undefined, signal: AbortSignal): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    const end = (settle: () => void) => {
      waiters.delete(again);
      clearInterval(timer);
      signal.removeEventListener('abort', aborted);
      settle();
    };
    const again = () => {
      try {
        const answer = look();
        if (answer !== undefined) end(() => resolve(answer));
      } catch (error) {
        end(() => reject(error instanceof Error ? error : new Error(String(error))));
      }
    };
    const aborted = () => end(() => reject(new Error('aborted', { cause: signal.reason })));
    const timer = setInterval(again, lookAgainMs);
    waiters.add(again);
    signal.addEventListener('abort', aborted, { once: true });
    if (signal.aborted) aborted();
    else again();
  });

const WatchEvent = z.object({
  type: z.enum(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']),
  object: z.unknown(),
});
const Bookmark = z.object({ metadata: z.object({ resourceVersion: z.string() }) });
const codeOfStatus = (object: unknown): number =>
  z.object({ code: z.number().default(500) }).parse(object).code;

const pathOf = (kind: WatchedKind): string =>
  kind === 'ReplicaSet' ? '/apis/apps/v1/replicasets' : collectionPath(kind satisfies Kind);

async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line) yield line;
  }
}
