import { readFileSync } from 'node:fs';
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { until } from '@store-platform/shared/testing/until';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { startClusterEmulator, type ClusterEmulator } from '../cluster-emulator.ts';
import type { JsonObject } from '../objects/json.ts';
import type { PodRuntime } from '../pod-runtime/pod-runtime.ts';
import { createStandInRuntime } from '../pod-runtime/stand-in/stand-in-runtime.ts';
import { makeTestFolder } from './test-cluster.ts';
import { tryJson } from '@store-platform/shared/text/try-json';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The text as JSON; undefined when it is none. */
  readonly body: unknown;
}

/** An answer that goes on, such as a watch or a followed log. */
export interface Stream {
  readonly status: number;
  text(): string;
  /** Each whole line so far, as JSON. */
  events(): JsonObject[];
  hasEnded(): boolean;
  /** The reader goes away. */
  leave(): void;
}

export interface TestApi {
  readonly emulator: ClusterEmulator;
  readonly server: URL;
  readonly token: string;
  readonly ca: string;
  /** @param path below the server, with its query. Headers that are undefined are left out. */
  ask(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string | undefined>>,
  ): Promise<Answer>;
  open(path: string, headers?: Readonly<Record<string, string>>): Promise<Stream>;
  /** Creates each object where its metadata puts it. @throws Error when one is refused. */
  make(...objects: readonly JsonObject[]): Promise<void>;
  stop(): Promise<void>;
}

const Kubeconfig = z.object({
  clusters: z.array(
    z.object({ cluster: z.object({ server: z.string(), 'certificate-authority-data': z.string() }) }),
  ),
  users: z.array(z.object({ user: z.object({ token: z.string() }) })),
});

/** A whole emulator, asked as `kubectl` asks it: over TLS, with what its kubeconfig says. */
export const startTestApi = async ({
  folder,
  runtime = createStandInRuntime(),
}: { folder?: string; runtime?: PodRuntime } = {}): Promise<TestApi> => {
  const dataDir = folder ?? (await makeTestFolder());
  const kubeconfigPath = join(dataDir, 'kubeconfig');
  const emulator = await startClusterEmulator({
    dataDir,
    kubeconfigPath,
    ingressPort: 0,
    readyAfterMs: 0,
    runtime: () => runtime,
    logger: silentLogger,
  });
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= emulator.stop());
  onTestFinished(stop);
  const { clusters, users } = Kubeconfig.parse(JSON.parse(readFileSync(kubeconfigPath, 'utf8')));
  const server = new URL(clusters[0]?.cluster.server ?? '');
  const ca = Buffer.from(clusters[0]?.cluster['certificate-authority-data'] ?? '', 'base64').toString();
  const token = users[0]?.user.token ?? '';
  const agent = new Agent({ ca });
  onTestFinished(() => agent.destroy());

  const call = (options: RequestOptions, text?: string): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = server;
      const request = httpsRequest({ hostname, port, agent, ...options }, resolve);
      request.on('error', reject).end(text);
    });
  const authorization = `Bearer ${token}`;

  const ask: TestApi['ask'] = async (method, path, body, headers = {}) => {
    const content = body === undefined ? undefined : JSON.stringify(body);
    const length = content === undefined ? undefined : String(Buffer.byteLength(content));
    const given = Object.entries({
      authorization,
      'content-type': 'application/json',
      'content-length': length,
      ...headers,
    });
    const sent = Object.fromEntries(given.filter(([, value]) => value !== undefined));
    const response = await call({ method, path, headers: sent }, content);
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
    return { status: response.statusCode ?? 0, headers: response.headers, text, body: tryJson(text) };
  };

  return {
    emulator,
    server,
    token,
    ca,
    ask,
    open: async (path, headers = {}) => {
      const response = await call({ path, headers: { authorization, ...headers } });
      onTestFinished(() => void response.destroy());
      return streamOf(response);
    },
    make: async (...objects) => {
      for (const object of objects) {
        const { status, text } = await ask('POST', collectionOf(object), object);
        if (status !== 201) throw new Error(text);
      }
    },
    stop,
  };
};

const streamOf = (response: IncomingMessage): Stream => {
  let text = '';
  let ended = false;
  response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  response.on('close', () => (ended = true)).on('error', () => (ended = true));
  return {
    status: response.statusCode ?? 0,
    text: () => text,
    events: () => {
      const lines = text.split('\n').slice(0, -1);
      return lines.map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line)));
    },
    hasEnded: () => ended,
    leave: () => void response.destroy(),
  };
};

const Placed = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({ namespace: z.string().optional() }),
});

const collectionOf = (object: JsonObject): string => {
  const { apiVersion, kind, metadata } = Placed.parse(object);
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const plural = kind.endsWith('s') ? `${kind.toLowerCase()}es` : `${kind.toLowerCase()}s`;
  return metadata.namespace ? `${root}/namespaces/${metadata.namespace}/${plural}` : `${root}/${plural}`;
};

export const namespaceOf = (name: string): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name },
});

export const configMapOf = (name: string, data: Record<string, string> = {}, metadata: JsonObject = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop', ...metadata },
  data,
});

export const podOf = (name: string, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels: { app: name }, ...metadata },
  spec: {
    initContainers: [{ name: 'init', image: 'init' }],
    containers: [{ name: 'main', image: 'main' }],
  },
});

/** Makes a pod in the namespace `shop`, and waits until it is ready. */
export const runPod = async (api: TestApi, name = 'web'): Promise<void> => {
  await api.make(namespaceOf('shop'), podOf(name));
  await until('the pod is ready', async () => {
    const { text } = await api.ask('GET', `/api/v1/namespaces/shop/pods/${name}`);
    return text.includes('"type":"Ready","status":"True"');
  });
};
