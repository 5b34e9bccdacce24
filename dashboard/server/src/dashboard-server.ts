import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from '@store-platform/shared/log/logger';
import type { DashboardConfig } from './dashboard-config.ts';
import { isKnownHost } from './known-host.ts';
import { forwardToApi, isForApi } from './forward-to-api.ts';
import { answerProblem } from './answer-problem.ts';
import { readBuiltFiles } from './built-files.ts';
import { secure } from './security-headers.ts';
import { serveFiles } from './serve-files.ts';

export interface DashboardServer {
  /** e.g. `http://127.0.0.1:3001` */
  readonly address: string;
  stop(): Promise<void>;
}

export interface DashboardServerOptions {
  readonly config: DashboardConfig;
  /** What `vite build` wrote. */
  readonly filesFolder: string;
  readonly logger: Logger;
}

/** How long requests that are under way may take when the server stops, in milliseconds. */
const DRAIN_MS = 2000;

/**
 * Serves the built dashboard and forwards what is the API's, so that one address and one sign-in serve both.
 * @throws Error when the dashboard isn't built or the port is taken
 */
export const startDashboardServer = async ({
  config,
  filesFolder,
  logger,
}: DashboardServerOptions): Promise<DashboardServer> => {
  const answerFile = serveFiles(await readBuiltFiles(filesFolder));
  const forward = forwardToApi(config.apiUrl, logger);

  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '/';
    if (!isKnownHost(request.headers.host, config.hostNames)) {
      secure(request, response);
      answerProblem(
        request,
        response,
        'foreign_host',
        `The Host of this request is not one of this dashboard's.`,
      );
      return;
    }
    if (isForApi(path)) {
      void forward(request, response);
      return;
    }
    secure(request, response);
    answerFile(request, response);
  };

  const server = createServer(answer);
  server.listen(config.port, config.host);
  await once(server, 'listening');
  return { address: addressOf(server, config.host), stop: () => stop(server) };
};

const addressOf = (server: Server, host: string): string => {
  const bound = server.address();
  const port = typeof bound === 'object' && bound ? bound.port : 0;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
};

const stop = async (server: Server): Promise<void> => {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await closed;
  clearTimeout(timer);
};
