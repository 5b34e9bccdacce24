import type { KubeConfig } from '@kubernetes/client-node';
import type { ConnectedCluster } from './cluster.ts';
import { createClusterPresence } from './cluster-presence.ts';
import { createClusterWatch, type ClusterWatch, type WatchTiming } from './cluster-watch.ts';
import { execInPod } from './exec-in-pod.ts';
import { KubeStatusError, toPlatformError } from './kube-error.ts';
import { createKubeHttp, readText, usualCallTimeoutMs, type KubeCall, type KubeHttp } from './kube-http.ts';
import { objectPath, collectionPath, parseKubeList, parseKubeObject, refOf } from './kube-object.ts';
import { createPreflight } from './preflight.ts';
import { startError } from './start-error.ts';
import type { Logger } from '../log/logger.ts';

const fieldManager = 'store-platform';

/**
 * Connects, learns the cluster's identity and starts the one watch.
 * @throws PlatformError that names the cluster and what to do, where it can't be reached or refuses the platform
 */
export const openCluster = async (options: {
  kubeConfig: KubeConfig;
  /** Only objects that carry this id are watched. */
  installationId: string;
  logger: Logger;
  /** Of one try of one call, in milliseconds; it must fit into the lease of whoever calls. */
  callTimeoutMs?: number;
  watchTiming?: WatchTiming;
}): Promise<ConnectedCluster> => {
  const { kubeConfig, installationId, logger, callTimeoutMs = usualCallTimeoutMs } = options;
  const plain = await createKubeHttp(kubeConfig, { callTimeoutMs });
  const { presence, heard, stop } = createClusterPresence({
    ask: () => askWho(plain, false).catch(rethrow),
    // Before its start is over, whoever starts it hears of all that is wrong.
    isFresh: () => !isOpen || watch.isFresh(),
    logger,
  });
  let isOpen = false;
  const http = hearing(plain, heard);
  const call = async (request: KubeCall): Promise<unknown> => {
    try {
      return await http.call(request);
    } catch (error) {
      request.signal?.throwIfAborted();
      throw error instanceof KubeStatusError ? error : toPlatformError(error);
    }
  };
  const timing = options.watchTiming && { timing: options.watchTiming };
  const watch = createClusterWatch({ http, installationId, logger, ...timing });
  const close = () => {
    stop();
    watch.stop();
    http.close();
  };
  const uid = await enter(http, watch).catch((error: unknown) => {
    close();
    throw startError(error, kubeConfig);
  });
  isOpen = true;
  return {
    uid,
    watch,
    presence,
    preflight: createPreflight(http),
    callTimeoutMs,
    counts: http.counts,
    close,
    apply: async (manifest, signal, beforeTry) => {
      const path = `${objectPath(refOf(manifest))}?fieldManager=${fieldManager}&force=true`;
      const contentType = 'application/apply-patch+yaml';
      const body = manifest;
      return parseKubeObject(
        await call({ method: 'PATCH', path, body, contentType, signal, repeatable: true, beforeTry }).catch(
          rethrow,
        ),
      );
    },
    create: async (manifest, signal, beforeTry) => {
      const { kind, namespace } = refOf(manifest);
      const path = `${collectionPath(kind, namespace)}?fieldManager=${fieldManager}`;
      // Repeatable, because a lost answer shows as "exists", and whoever creates looks at what exists.
      return call({ method: 'POST', path, body: manifest, signal, repeatable: true, beforeTry }).then(
        parseKubeObject,
        (error) => (isStatus(error, 409, 'AlreadyExists') ? ('exists' as const) : rethrow(error)),
      );
    },
    get: (ref, signal) =>
      call({ method: 'GET', path: objectPath(ref), signal, repeatable: true }).then(
        parseKubeObject,
        (error) => (isStatus(error, 404) ? undefined : rethrow(error)),
      ),
    delete: async (ref, uid, signal, beforeTry) => {
      const body = {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        preconditions: { uid },
        propagationPolicy: 'Background',
      };
      await call({
        method: 'DELETE',
        path: objectPath(ref),
        body,
        signal,
        repeatable: true,
        beforeTry,
      }).catch((error: unknown) =>
        // 409: that name belongs to another object now.
        isStatus(error, 404) || isStatus(error, 409) ? undefined : rethrow(error),
      );
    },
    exec: (request) => execInPod(kubeConfig, request),
    logs: async ({ namespace, name, container, previous = false }, lines) => {
      const query = `container=${container}&tailLines=${lines}${previous ? '&previous=true' : ''}`;
      const text = await readLog(http, `${objectPath({ kind: 'Pod', name, namespace })}/log?${query}`);
      return text.split('\n').filter(Boolean);
    },
    events: async (namespace, signal) => {
      const path = `/api/v1/namespaces/${namespace}/events?limit=${mostEvents}`;
      return parseKubeList(await call({ method: 'GET', path, signal, repeatable: true }).catch(rethrow))
        .items;
    },
  };
};

/** The namespace that every cluster has, and that says which one it is. */
const askWho = (http: KubeHttp, repeatable: boolean): Promise<unknown> =>
  http.call({
    method: 'GET',
    path: objectPath({ kind: 'Namespace', name: 'kube-system' }),
    repeatable,
  });

/** Tells of each answer: whoever waits for a cluster that is away need not ask by himself. */
const hearing = (http: KubeHttp, heard: () => void): KubeHttp => ({
  ...http,
  call: async (request) => {
    const answer = await http.call(request);
    heard();
    return answer;
  },
  open: async (path, signal) => {
    const response = await http.open(path, signal);
    heard();
    return response;
  },
});

/** @returns the cluster's identity, once its watch has begun. */
const enter = async (http: KubeHttp, watch: ClusterWatch): Promise<string> => {
  const { metadata } = parseKubeObject(await askWho(http, true));
  await watch.start();
  return metadata.uid;
};

/** A store's namespace has some fifty; repeated ones are counted in one. */
const mostEvents = 500;

const logTimeoutMs = 5_000;
/** Logs are plain text; where there is none yet, there are no lines. */
const readLog = async (http: KubeHttp, path: string): Promise<string> => {
  try {
    return await readText(await http.open(path, AbortSignal.timeout(logTimeoutMs)));
  } catch (error) {
    if (error instanceof KubeStatusError) return '';
    throw toPlatformError(error);
  }
};

const isStatus = (error: unknown, status: number, reason?: string): boolean =>
  error instanceof KubeStatusError &&
  error.status === status &&
  (reason === undefined || error.reason === reason);

const rethrow = (error: unknown): never => {
  throw toPlatformError(error);
};
