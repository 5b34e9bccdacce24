import cors from 'cors';
import express, { type Express, type Request, type Response } from 'express';
import helmet from 'helmet';
import { pinoHttp } from 'pino-http';
import { PlatformError } from '@store-platform/shared/contract/problem';
import { checkHost, checkOrigin, checkToken, knownOrigins, limitGuesses } from './access/guard-requests.ts';
import { docsPage } from './docs-page.ts';
import { openApiDocument } from './openapi.ts';
import { answerProblems } from './problem-response.ts';
import { queueBoard, queueBoardPath } from './queue-board.ts';
import type { ApiDeps, Route } from './route.ts';
import { routes } from './routes.ts';

const bodyLimit = '16kb';

/** The API as an Express app: doors first, then the table of routes, then what nobody answered. */
export const createApp = (deps: ApiDeps): Express => {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(requestLog(deps));
  app.use(helmet({ contentSecurityPolicy: { directives: contentPolicy }, strictTransportSecurity: false }));
  app.use(checkHost(deps.config));
  app.use(
    cors({
      origin: [...knownOrigins(deps.config)],
      exposedHeaders: ['ETag', 'Link', 'Location', 'Retry-After'],
      credentials: true,
    }),
  );
  app.use(checkOrigin(deps.config));
  if (deps.sessions) app.use(limitGuesses());
  app.use(checkToken(deps.sessions, isOpenPath));
  app.use(queueBoardPath, queueBoard(deps.queue));
  app.use(demandJson, express.json({ limit: bodyLimit }));
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
  imgSrc: ["'self'", 'data:'],
  upgradeInsecureRequests: null,
};

const openPaths = new Set(routes.filter(({ access }) => access === 'open').map(({ path }) => path));
const isOpenPath = (path: string): boolean => openPaths.has(path.replace(/\/$/, ''));

const requestLog = ({ logger }: ApiDeps) =>
  pinoHttp({
    logger,
    // A dashboard asks every five seconds: only what went wrong is worth a line.
    customLogLevel: (_request, response, error) => (error || response.statusCode >= 500 ? 'warn' : 'debug'),
    serializers: { req: ({ method, url }) => ({ method, url }), res: ({ statusCode }) => ({ statusCode }) },
  });

const demandJson = (request: Request, _response: Response, next: (error?: unknown) => void) => {
  const hasBody =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
  if (!hasBody || request.is('application/json')) return next();
  return next(new PlatformError('unsupported_media_type', 'The body is not sent as application/json.'));
};

const addRoutes = (app: Express, deps: ApiDeps): void => {
  for (const route of routes) app[route.method](expressPath(route), serve(route, deps));
  const document = openApiDocument(routes);
  const page = docsPage(routes);
  app.get('/api/openapi.json', (_request, response) => void response.json(document));
  app.get('/api/docs', (_request, response) => void response.type('html').send(page));
  for (const path of new Set([...routes.map(expressPath), '/api/openapi.json', '/api/docs'])) {
    const methods = routes
      .filter((route) => expressPath(route) === path)
      .map(({ method }) => method.toUpperCase());
    const allowed = methods.length > 0 ? methods : ['GET'];
    app.all(path, (request, response, next) => {
      response.set('Allow', [...allowed, ...(allowed.includes('GET') ? ['HEAD'] : [])].join(', '));
      next(new PlatformError('method_not_allowed', `${request.method} is not one of ${allowed.join(', ')}.`));
    });
  }
};

const expressPath = ({ path }: Route): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

const serve =
  (route: Route, deps: ApiDeps) =>
  async (request: Request, response: Response): Promise<void> => {
    const { query, headers, body, secure } = request;
    const params = Object.fromEntries(
      Object.entries(request.params).map(([name, value]) => [name, String(value)]),
    );
    const answer = await route.handle(deps, { params, query, headers, body: body ?? {}, secure });
    response.status(answer.status).set({ 'Cache-Control': 'no-cache', ...answer.headers });
    if (answer.body === undefined) response.end();
    else response.json(answer.body);
  };
