import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Logger } from '../log/logger.ts';
import { isNetworkError, isRefusal, KubeStatusError } from './kube-error.ts';
import type { KubeHttp } from './kube-http.ts';
import { collectionPath, parseKubeList, parseKubeObject, type Kind, type KubeObject } from './kube-object.ts';
import { createObjectCache, placeOf, type ObjectCache } from './object-cache.ts';
import { createWaiters } from './waiters.ts';

export const managedByLabel = 'app.kubernetes.io/managed-by';
export const managedByValue = 'store-platform';
export const installationLabel = 'store-platform.dev/installation';

/** What stages wait for and people are told about; each kind is one stream, whatever the number of stores. */
const watchedKinds = ['Namespace', 'Deployment', 'ReplicaSet', 'Pod', 'PersistentVolumeClaim'] as const;
export type WatchedKind = (typeof watchedKinds)[number];

export interface ClusterWatch {
  /**
   * Resolves when every kind was listed once.
   * @throws KubeStatusError when the cluster refuses one of them to the platform: that doesn't heal by asking again
   */
  start(): Promise<void>;
  stop(): void;
  /** What the watch last saw. */
  find(kind: WatchedKind, namespace: string | undefined, name: string): KubeObject | undefined;
  list(kind: WatchedKind, namespace?: string): KubeObject[];
  /** Whether every stream is alive, as far as anyone can know. */
  isFresh(): boolean;
  /**
   * Asks `look` now and after each change in `namespace` (of any kind, the namespace itself included) until it answers
   * with something. Changes elsewhere wake nobody: hundreds of stores may wait at once.
   * @throws what `look` throws, or an Error whose cause is the signal's reason.
   */
  until<T>(namespace: string, look: () => T | undefined, signal: AbortSignal): Promise<T>;
}

export interface ClusterWatchOptions {
  http: Pick<KubeHttp, 'call' | 'open'>;
  installationId: string;
  logger: Logger;
  timing?: WatchTiming;
}

/** All in milliseconds. */
export interface WatchTiming {
  /** A stream that says nothing for so long may be dead without an error; a live one brings a bookmark each minute. */
  readonly staleAfterMs: number;
  readonly restartAfterMs: number;
}

const defaults: WatchTiming = { staleAfterMs: 100_000, restartAfterMs: 500 };
/**
 * The server ends each stream after this time, or up to twice as much, so that not all lists fall into one moment; then
 * everything is listed anew, so that what was lost is found.
 */
const streamSeconds = 300;
/** A list of thousands of pods takes its time, and it writes nothing: no lease has to outlast it. */
const listTimeoutMs = 30_000;
/** Doublings of the pause between restarts: 4 s at most, so that a cluster that is back is noticed. */
const mostDoublings = 3;

/** One watch per worker, shared by all its stages: nothing polls per store. */
export const createClusterWatch = (options: ClusterWatchOptions): ClusterWatch => {
  const timing = options.timing ?? defaults;
  const caches: Record<WatchedKind, ObjectCache> = {
    Namespace: createObjectCache(),
    Deployment: createObjectCache(),
    ReplicaSet: createObjectCache(),
    Pod: createObjectCache(),
    PersistentVolumeClaim: createObjectCache(),
  };
  const fresh = new Set<WatchedKind>();
  const waiters = createWaiters();
  const stopping = new AbortController();

  const follow = async (
    kind: WatchedKind,
    listed: () => void,
    refused: (error: KubeStatusError) => void,
  ): Promise<void> => {
    // Where the next stream goes on; undefined: list first.
    let from: string | undefined;
    let wasRefused = false;
    const begin = () => {
      fresh.add(kind);
      wasRefused = false;
    };
    for (let failures = 0; !stopping.signal.aborted;) {
      let askedMs = 0;
      try {
        if (from === undefined) {
          from = await relist(kind);
          begin();
          listed();
        }
        let told = 0;
        const reached = (version: string) => {
          from = version;
          told += 1;
          failures = 0;
        };
        // Only an open stream is alive: one that can't be opened again is none.
        await stream(kind, from, { begin, reached });
        // A proxy that ends every stream before it said anything must not bring a storm of lists.
        if (told === 0) failures += 1;
        from = undefined;
      } catch (error) {
        fresh.delete(kind);
        failures += 1;
        if (!canResume(error)) from = undefined;
        askedMs = retryAfterMs(error);
        if (isRefusal(error)) {
          if (!wasRefused)
            options.logger.warn({ err: error, kind }, 'Kubernetes refuses a watch; stages that need it wait');
          wasRefused = true;
          refused(error);
        }
        options.logger.debug({ err: error, kind }, 'A watch is started anew');
      }
      const restMs = timing.restartAfterMs * 2 ** Math.min(failures, mostDoublings);
      await rest(Math.max(askedMs, withJitter(restMs)), stopping.signal);
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
      await options.http.call({
        method: 'GET',
        path,
        signal: stopping.signal,
        timeoutMs: listTimeoutMs,
        repeatable: true,
      }),
    );
    caches[kind].replaceAll(items);
    waiters.wakeAll();
    return resourceVersion;
  };

  /** Resolves when the server ends the stream in good order. */
  const stream = async (
    kind: WatchedKind,
    from: string,
    hear: { begin(): void; reached(version: string): void },
  ) => {
    const seconds = Math.round(streamSeconds * (1 + Math.random()));
    const query = `watch=1&allowWatchBookmarks=true&resourceVersion=${from}&timeoutSeconds=${seconds}`;
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(), timing.staleAfterMs);
    try {
      const response = await options.http.open(
        `${pathOf(kind)}?${selector}&${query}`,
        AbortSignal.any([stopping.signal, silence.signal]),
      );
      hear.begin();
      for await (const line of linesOf(response)) {
        timer.refresh();
        hear.reached(take(kind, JSON.parse(line)));
      }
    } catch (error) {
      throw silence.signal.aborted ? new WatchLost('The watch fell silent') : error;
    } finally {
      clearTimeout(timer);
    }
  };

  /** @returns the version that the stream has reached. */
  const take = (kind: WatchedKind, value: unknown): string => {
    const { type, object } = WatchEvent.parse(value);
    if (type === 'ERROR') throw new WatchLost(JSON.stringify(object));
    if (type === 'BOOKMARK') return Bookmark.parse(object).metadata.resourceVersion;
    const seen = parseKubeObject(object);
    const cache = caches[kind];
    const news = type === 'DELETED' ? cache.remove(seen) : cache.put(seen);
    if (news) waiters.wake(placeOf(seen));
    return seen.metadata.resourceVersion;
  };

  return {
    start: async () => {
      await Promise.all(
        watchedKinds.map(
          (kind) => new Promise<void>((listed, refused) => void follow(kind, listed, refused)),
        ),
      );
    },
    stop: () => stopping.abort(new Error('The watch was stopped')),
    find: (kind, namespace, name) => caches[kind].find(namespace, name),
    list: (kind, namespace) => caches[kind].list(namespace),
    isFresh: () => fresh.size === watchedKinds.length,
    until: (namespace, look, signal) => waiters.until(namespace, look, signal),
  };
};

class WatchLost extends Error {}

/**
 * Whether the next stream may go on where this one was: the connection broke, or the server refused it for now. After
 * anything else it may have lost events, the server may no longer remember so far back, or the same event may fail again.
 */
const canResume = (error: unknown): boolean =>
  isNetworkError(error) || (error instanceof KubeStatusError && error.status !== 410);

const longestRetryAfterMs = 30_000;
const retryAfterMs = (error: unknown): number =>
  error instanceof KubeStatusError ? Math.min((error.retryAfterSeconds ?? 0) * 1000, longestRetryAfterMs) : 0;

/** So that workers don't come back in step. */
const withJitter = (ms: number): number => ms * (0.5 + Math.random());

/** Ends early, without an error, when the watch stops. */
const rest = async (ms: number, signal: AbortSignal): Promise<void> => {
  if (signal.aborted) return;
  await pause(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
};

const WatchEvent = z.object({
  type: z.enum(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']),
  object: z.unknown(),
});
const Bookmark = z.object({ metadata: z.object({ resourceVersion: z.string() }) });

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
