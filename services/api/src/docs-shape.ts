import { z } from 'zod';

export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** To an article of the same page. */
export const link = (id: string, text: string): string =>
  `<a href="#${escapeHtml(id)}">${escapeHtml(text)}</a>`;

const anySchema = z.looseObject({});

/** As much of JSON Schema as the contract makes use of. */
const SchemaParts = z.object({
  $ref: z.string().optional(),
  anyOf: z.array(anySchema).optional(),
  items: anySchema.optional(),
  properties: z.record(z.string(), anySchema).optional(),
  additionalProperties: z.union([z.boolean(), anySchema]).optional(),
  enum: z.array(z.string()).optional(),
  const: z.string().optional(),
  type: z.union([z.string(), z.array(z.string()).transform((types) => types.join(' or '))]).optional(),
  format: z.string().optional(),
  pattern: z.string().optional(),
  description: z.string().optional(),
});

const code = (text: string) => `<code>${escapeHtml(text)}</code>`;

/** A JSON Schema in a few words, as HTML; references become links. */
export const shapeOf = (schema: unknown): string => {
  const parts = SchemaParts.parse(schema);
  if (parts.$ref !== undefined) {
    const name = parts.$ref.slice(parts.$ref.lastIndexOf('/') + 1);
    return link(name, name);
  }
  if (parts.anyOf) return parts.anyOf.map(shapeOf).join(' or ');
  if (parts.items) return `list of ${shapeOf(parts.items)}`;
  if (parts.enum) return parts.enum.map(code).join(' · ');
  if (parts.const !== undefined) return code(parts.const);
  if (parts.properties)
    return fieldsOf(schema)
      .map(([name, shape]) => `${code(name)} ${shape}`)
      .join(', ');
  if (typeof parts.additionalProperties === 'object')
    return `names to ${shapeOf(parts.additionalProperties)}`;
  const rule = parts.format ?? parts.pattern;
  return escapeHtml(
    [parts.type ?? 'anything', rule && `(${rule})`, parts.description].filter(Boolean).join(' '),
  );
};

/** @returns each property's name and, as HTML, its shape; none when the schema is no object. */
export const fieldsOf = (schema: unknown): [string, string][] =>
  Object.entries(SchemaParts.parse(schema).properties ?? {}).map(([name, property]) => [
    name,
    shapeOf(property),
  ]);
