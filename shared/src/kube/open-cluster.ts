import type { KubeConfig } from '@kubernetes/client-node';
import type { ConnectedCluster } from './cluster.ts';
import { createClusterWatch, type WatchTiming } from './cluster-watch.ts';
import { execInPod } from './exec-in-pod.ts';
import { KubeStatusError, toPlatformError } from './kube-error.ts';
import { createKubeHttp, readText, usualCallTimeoutMs, type KubeCall } from './kube-http.ts';
import { objectPath, collectionPath, parseKubeList, parseKubeObject, refOf } from './kube-object.ts';
import type { Logger } from '../log/logger.ts';

const fieldManager = 'store-platform';

/** Connects, learns the cluster's identity and starts the one watch. @throws PlatformError `cluster_away` and others */
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
  const http = await createKubeHttp(kubeConfig, { callTimeoutMs });
  const call = async (request: KubeCall): Promise<unknown> => {
    try {
      return await http.call(request);
    } catch (error) {
      request.signal?.throwIfAborted();
      throw error instanceof KubeStatusError ? error : toPlatformError(error);
    }
  };
  const system = parseKubeObject(
    await call({
      method: 'GET',
      path: objectPath({ kind: 'Namespace', name: 'kube-system' }),
      repeatable: true,
    }).catch(rethrow),
  );
  const timing = options.watchTiming && { timing: options.watchTiming };
  const watch = createClusterWatch({ http, installationId, logger, ...timing });
  await watch.start();
  return {
    uid: system.metadata.uid,
    watch,
    callTimeoutMs,
    counts: http.counts,
    close: () => {
      watch.stop();
      http.close();
    },
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

/** A store's namespace has some fifty; repeated ones are counted in one. */
const mostEvents = 500;

const logTimeoutMs = 5_000;
/** Logs are plain text; where there is none yet, there are no lines. */
const readLog = async (http: Awaited<ReturnType<typeof createKubeHttp>>, path: string): Promise<string> => {
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
