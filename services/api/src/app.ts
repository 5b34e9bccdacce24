import express, { type Express, type Request, type Response } from 'express';
import helmet from 'helmet';
import { pinoHttp } from 'pino-http';
import { PlatformError } from '@store-platform/shared/contract/problem';
import { allowOrigins } from './access/allow-origins.ts';
import { checkToken } from './access/check-token.ts';
import { checkHost, checkOrigin } from './access/guard-requests.ts';
import { docsPage } from './docs-page.ts';
import { openApiDocument } from './openapi.ts';
import { answerProblems } from './problem-response.ts';
import { queueBoard, queueBoardPath } from './queue-board.ts';
import { readJsonBody } from './read-json-body.ts';
import type { ApiDeps, Route } from './route.ts';
import { routes } from './routes.ts';
import { sendAnswer } from './send-answer.ts';

/** The API as an Express app: doors first, then the table of routes, then what nobody answered. */
export const createApp = (outer: Omit<ApiDeps, 'documentation'>): Express => {
  const document = openApiDocument(routes);
  const deps: ApiDeps = { ...outer, documentation: { document, page: docsPage(document) } };
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  // An address has one spelling, for the doors as for the routes.
  app.enable('case sensitive routing');
  app.set('etag', false);
  // The dashboard's server, or whatever speaks TLS on this machine, says who the visitor is and how he came.
  app.set('trust proxy', 'loopback');
  app.use(requestLog(deps));
  app.use(helmet({ contentSecurityPolicy: { directives: contentPolicy }, strictTransportSecurity: false }));
  app.use(checkHost(deps.config));
  app.use(allowOrigins(deps.config));
  app.use(checkOrigin(deps.config));
  const { sessions, config } = deps;
  if (sessions) {
    app.use(checkToken({ sessions, isOpenPath, isPage, dashboardPort: config.dashboardPort }));
  }
  app.use(queueBoardPath, queueBoard(deps));
  addRoutes(app, deps);
  app.use((request, _response, next) =>
    next(new PlatformError('not_found', `Nothing is at ${request.path.slice(0, 200)}.`)),
  );
  app.use(answerProblems(deps.logger));
  return app;
};

/** The queue board styles its parts inline; scripts come from here alone. */
const contentPolicy = {
  defaultSrc: ["'self'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  fontSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  upgradeInsecureRequests: null,
};

const openPaths = new Set(routes.filter(({ access }) => access === 'open').map(({ path }) => path));
const isOpenPath = (path: string): boolean => openPaths.has(path.replace(/\/$/, ''));

/** What the dashboard links to: the board, below which everything is its own, and the documentation. */
const isPage = (path: string): boolean =>
  path === '/api/docs' || path === queueBoardPath || path.startsWith(`${queueBoardPath}/`);

const requestLog = ({ logger }: ApiDeps) =>
  pinoHttp({
    logger,
    // A dashboard asks every five seconds: only what went wrong is worth a line.
    customLogLevel: (_request, response, error) => (error || response.statusCode >= 500 ? 'warn' : 'debug'),
    serializers: { req: ({ method, url }) => ({ method, url }), res: ({ statusCode }) => ({ statusCode }) },
    // A status alone has no cause and no stack of its own: whoever met a fault has logged it.
    customErrorObject: (_request, _response, _error, { err: _made, ...line }) => line,
  });

const addRoutes = (app: Express, deps: ApiDeps): void => {
  for (const route of routes) {
    const before = route.body ? readJsonBody : [];
    app[route.method](expressPath(route), ...before, serve(route, deps));
  }
  for (const path of new Set(routes.map(expressPath))) {
    const methods = routes.filter((route) => expressPath(route) === path).map(({ method }) => method);
    app.all(path, tellMethods(methods));
  }
};

const expressPath = ({ path }: Route): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

/** For verbs that the address has no route for. */
const tellMethods = (methods: readonly Route['method'][]) => {
  const taken = methods.flatMap((method) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]));
  const allow = [...taken, 'OPTIONS'].join(', ');
  return (request: Request, response: Response, next: (error: unknown) => void): void => {
    response.set('Allow', allow);
    if (request.method === 'OPTIONS') response.status(204).end();
    else next(new PlatformError('method_not_allowed', `${request.method} is not one of ${allow}.`));
  };
};

const serve =
  (route: Route, deps: ApiDeps) =>
  async (request: Request, response: Response): Promise<void> => {
    const { query, headers, body = {}, secure, ip = 'gone' } = request;
    const params = Object.fromEntries(
      Object.entries(request.params).map(([name, value]) => [name, String(value)]),
    );
    const answer = await route.handle(deps, { params, query, headers, body, secure, address: ip });
    sendAnswer(request, response, answer);
  };
