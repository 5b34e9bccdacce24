import { z } from 'zod';
import { Problem, problems, type ProblemCode } from '@store-platform/shared/contract/problem';
import { version } from './info.ts';
import type { Route } from './route.ts';

/** OpenAPI 3.1, whose schemas are JSON Schema, which zod writes by itself. */
export const openApiDocument = (routes: readonly Route[]) => ({
  openapi: '3.1.0',
  info: {
    title: 'Store Platform',
    version,
    description: 'Creates, lists and deletes WooCommerce stores on Kubernetes.',
  },
  components: {
    securitySchemes: {
      token: { type: 'http', scheme: 'bearer', description: 'API_TOKEN, where one is set.' },
    },
    schemas: { Problem: schemaOf(Problem, 'output') },
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

export type OpenApiDocument = ReturnType<typeof openApiDocument>;

const schemaOf = (schema: z.ZodType, io: 'input' | 'output') => {
  const { $schema: _version, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
};

const operationOf = (route: Route) => ({
  summary: route.summary,
  ...(route.access === 'token' && { security: [{ token: [] }] }),
  parameters: parametersOf(route),
  ...(route.body && {
    requestBody: {
      required: true,
      content: { 'application/json': { schema: schemaOf(route.body, 'input') } },
    },
  }),
  responses: responsesOf(route),
});

const parametersOf = ({ path, query, requestHeaders }: Route) => [
  ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    description: '',
    schema: { type: 'string' },
  })),
  ...Object.entries(query ? (schemaOf(query, 'input').properties ?? {}) : {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    description: '',
    schema,
  })),
  ...Object.entries(requestHeaders ?? {}).map(([name, description]) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  })),
];

const responsesOf = ({ answer, access, problems: codes }: Route) => {
  const all: ProblemCode[] = access === 'token' ? [...codes, 'unauthenticated'] : [...codes];
  const byStatus = groupByStatus([...all, 'foreign_host']);
  return {
    [answer.status]: {
      description: answer.description,
      ...(answer.headers && {
        headers: Object.fromEntries(
          Object.entries(answer.headers).map(([name, description]) => [
            name,
            { description, schema: { type: 'string' } },
          ]),
        ),
      }),
      ...(answer.schema && {
        content: { 'application/json': { schema: schemaOf(answer.schema, 'output') } },
      }),
    },
    ...Object.fromEntries(
      [...byStatus].map(([status, some]) => [
        status,
        {
          description: some.map((code) => `${code}: ${problems[code].title}`).join(' · '),
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      ]),
    ),
  };
};

const groupByStatus = (codes: readonly ProblemCode[]): Map<number, ProblemCode[]> => {
  const groups = new Map<number, ProblemCode[]>();
  for (const code of codes) {
    const { status } = problems[code];
    groups.set(status, [...(groups.get(status) ?? []), code]);
  }
  return groups;
};
