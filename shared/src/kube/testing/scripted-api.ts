import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { KubeEndpoint } from '../kube-http.ts';

export interface ScriptedApi {
  readonly endpoint: KubeEndpoint;
  readonly server: Server;
  /** What was asked so far, e.g. `GET /api/v1/pods`. */
  readonly asked: string[];
}

/** An API server that answers what the test says; on loopback, gone when the test ends. */
export const startScriptedApi = async (answer: RequestListener): Promise<ScriptedApi> => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  });
  return { endpoint: endpointOf(server), server, asked };
};

/** As a kubeconfig would lead there. */
const endpointOf = (server: Server): KubeEndpoint => ({
  getCurrentCluster: () => ({
    name: 'scripted',
    server: `http://127.0.0.1:${portOf(server)}`,
    skipTLSVerify: false,
  }),
  applyToHTTPSOptions: async (options) => {
    options.headers = { Authorization: 'Bearer of-the-test' };
  },
});

const portOf = (server: Server): number => {
  const address: AddressInfo | string | null = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The server does not listen');
  return address.port;
};

export const readBody = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
};
