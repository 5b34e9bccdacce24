import { z } from 'zod';
import {
  CreateStoreAnswer,
  CreateStoreBody,
  DeleteStoreAnswer,
  Health,
  IdempotencyKey,
  Info,
  Metrics,
  Readiness,
  StoreList,
} from '@store-platform/shared/contract/api';
import { StoreEvent } from '@store-platform/shared/contract/event';
import { Problem } from '@store-platform/shared/contract/problem';
import { StageName, StageRun } from '@store-platform/shared/contract/stage';
import { Store, StoreDetail, StoreId, StoreName, StoreStatus } from '@store-platform/shared/contract/store';
import { SignInBody } from './access/sign-in.ts';

/** The contract's own schemas under the names that the document gives them. */
const named = {
  CreateStoreAnswer,
  CreateStoreBody,
  DeleteStoreAnswer,
  Health,
  IdempotencyKey,
  Info,
  Metrics,
  Problem,
  Readiness,
  SignInBody,
  StageName,
  StageRun,
  Store,
  StoreDetail,
  StoreEvent,
  StoreId,
  StoreList,
  StoreName,
  StoreStatus,
} satisfies Record<string, z.ZodType>;

/** What JSON Schema can't say of a schema. */
const remarks = new Map<z.ZodType, object>([
  [
    StoreName,
    {
      description: 'Trimmed, 2 to 100 code points, no control characters; otherwise kept as typed.',
      minLength: 2,
      examples: ['My Shop'],
    },
  ],
]);

const uri = (name: string) => `#/components/schemas/${name}`;

/** OpenAPI 3.1 takes JSON Schema, which zod writes by itself; named schemas refer to each other. */
export const componentSchemas = (): Record<string, object> => {
  const registry = z.registry<{ id: string; [remark: string]: unknown }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { ...remarks.get(schema), id });
  const { schemas } = z.toJSONSchema(registry, { uri, io: 'input', unrepresentable: 'any', override: tidy });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _dialect, $id: _id, id: _name, ...schema }]) => [
      name,
      schema,
    ]),
  );
};

/** Zod spells a time's calendar out as a pattern a line long; `format` says the same. */
const tidy = ({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void => {
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
};

/** @throws Error when the schema has no name in the document */
export const refTo = (schema: z.ZodType): { $ref: string } => {
  const [name] = Object.entries(named).find(([, candidate]) => candidate === schema) ?? [];
  if (name === undefined) throw new Error('A route uses a schema that the OpenAPI document does not name');
  return { $ref: uri(name) };
};

/** The properties of a query's schema, each as JSON Schema. */
export const propertiesOf = (schema: z.ZodObject): Record<string, object> =>
  Object.fromEntries(
    Object.entries(schema.shape).map(([name, property]) => {
      const { $schema: _dialect, ...rest } = z.toJSONSchema(property, {
        io: 'input',
        unrepresentable: 'any',
      });
      return [name, rest];
    }),
  );
