import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { listenOnLoopback } from '../../testing/listen-on-loopback.ts';
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
  const port = await listenOnLoopback(server);
  return { endpoint: endpointOf(port), server, asked };
};

/** As a kubeconfig would lead there. */
const endpointOf = (port: number): KubeEndpoint => ({
  getCurrentCluster: () => ({
    name: 'scripted',
    server: `http://127.0.0.1:${port}`,
    skipTLSVerify: false,
  }),
  applyToHTTPSOptions: async (options) => {
    options.headers = { Authorization: 'Bearer of-the-test' };
  },
});

export const readBody = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
};
