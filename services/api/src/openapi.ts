import { IdempotencyKey } from '@store-platform/shared/contract/api';
import { Problem, problems, type ProblemCode } from '@store-platform/shared/contract/problem';
import { StoreId } from '@store-platform/shared/contract/store';
import { sessionCookie } from './access/sessions.ts';
import { version } from './info.ts';
import { componentSchemas, propertiesOf, refTo } from './openapi-schemas.ts';
import type { Route, RouteAnswer } from './route.ts';

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly components: {
    readonly securitySchemes: Readonly<Record<string, object>>;
    readonly schemas: Readonly<Record<string, object>>;
  };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: {
    readonly required: true;
    readonly content: { readonly 'application/json': { readonly schema: { readonly $ref: string } } };
  };
  readonly responses: Readonly<Record<string, ResponseObject>>;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description: string;
  readonly schema: object;
}

interface ResponseObject {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { description: string; schema: { type: 'string' } }>>;
  readonly content?: Readonly<Record<string, { schema: object }>>;
}

const description = `Creates, lists and deletes WooCommerce stores on Kubernetes.
Every refusal is application/problem+json with a code, a sentence and a hint. An address that exists but doesn't take a method answers 405 with Allow.
The security named here is asked for where API_TOKEN is set.`;

export const openApiDocument = (routes: readonly Route[]): OpenApiDocument => ({
  openapi: '3.1.0',
  info: { title: 'Store Platform', version, description },
  components: {
    securitySchemes: {
      token: { type: 'http', scheme: 'bearer', description: 'API_TOKEN.' },
      session: { type: 'apiKey', in: 'cookie', name: sessionCookie, description: 'From POST /api/session.' },
    },
    schemas: componentSchemas(),
  },
  paths: Object.fromEntries(
    [...new Set(routes.map(({ path }) => path))].map((path) => [
      path,
      Object.fromEntries(
        routes.filter((route) => route.path === path).map((route) => [route.method, operationOf(route)]),
      ),
    ]),
  ),
});

const operationOf = (route: Route): Operation => ({
  operationId: route.name,
  summary: route.summary,
  security: route.access === 'token' ? [{ token: [] }, { session: [] }] : [],
  parameters: parametersOf(route),
  ...(route.body && {
    requestBody: { required: true, content: { 'application/json': { schema: refTo(route.body) } } },
  }),
  responses: responsesOf(route),
});

/** As `send-answer.ts` does for whatever is read. */
const ifNoneMatch = { 'If-None-Match': 'The ETag of the last answer; unchanged is answered with 304.' };
const etag = { ETag: 'Names this answer.' };
const unchanged: RouteAnswer = { status: 304, description: 'Nothing has changed since that ETag.' };

const parametersOf = ({ method, path, query, requestHeaders }: Route): Parameter[] => [
  ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path' as const,
    required: true,
    description: "The store's id.",
    schema: refTo(StoreId),
  })),
  ...Object.entries(query ? propertiesOf(query.schema) : {}).map(([name, schema]) => ({
    name,
    in: 'query' as const,
    required: false,
    description: query?.descriptions[name] ?? '',
    schema,
  })),
  ...Object.entries({ ...requestHeaders, ...(method === 'get' && ifNoneMatch) }).map(([name, text]) => ({
    name,
    in: 'header' as const,
    required: false,
    description: text,
    schema: name === 'Idempotency-Key' ? refTo(IdempotencyKey) : { type: 'string' },
  })),
];

const responsesOf = (route: Route): Record<string, ResponseObject> => {
  const codes = codesOf(route);
  const refusals = codes.map((code): [number, ResponseObject] => {
    const { status } = problems[code];
    return [
      status,
      refusal(
        status,
        codes.filter((other) => problems[other].status === status),
      ),
    ];
  });
  const answers = answersOf(route).map((answer): [number, ResponseObject] => [
    answer.status,
    responseOf(answer),
  ]);
  return Object.fromEntries([...refusals, ...answers]);
};

const answersOf = ({ method, answer, otherAnswers = [] }: Route): readonly RouteAnswer[] =>
  method === 'get'
    ? [{ ...answer, headers: { ...answer.headers, ...etag } }, unchanged, ...otherAnswers]
    : [answer, ...otherAnswers];

/** What the doors and the rim say for each route, beside what it says itself. */
const codesOf = ({ method, access, body, problems: own }: Route): ProblemCode[] => [
  ...own,
  ...(body ? (['invalid_input', 'malformed_json', 'unsupported_media_type', 'body_too_large'] as const) : []),
  ...(access === 'token' ? (['unauthenticated', 'too_many_requests'] as const) : []),
  'foreign_host',
  ...(method === 'get' ? [] : (['foreign_origin'] as const)),
  'internal',
];

const responseOf = ({ description, schema, headers, type }: RouteAnswer): ResponseObject => ({
  description,
  ...(headers && { headers: headersOf(headers) }),
  ...(schema && { content: { 'application/json': { schema: refTo(schema) } } }),
  ...(type && { content: { [type]: { schema: { type: type === 'text/html' ? 'string' : 'object' } } } }),
});

const refusalHeaders: Readonly<Record<number, Record<string, string>>> = {
  401: { 'WWW-Authenticate': 'Bearer.' },
  429: { 'Retry-After': 'Seconds to wait.' },
  503: { 'Retry-After': 'Seconds to wait.' },
};

const refusal = (status: number, codes: readonly ProblemCode[]): ResponseObject => ({
  description: codes.map((code) => `${code}: ${problems[code].title}`).join(' · '),
  ...(refusalHeaders[status] && { headers: headersOf(refusalHeaders[status]) }),
  content: { 'application/problem+json': { schema: refTo(Problem) } },
});

const headersOf = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, text]) => [
      name,
      { description: text, schema: { type: 'string' as const } },
    ]),
  );
