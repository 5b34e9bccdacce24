import { problems } from '@store-platform/shared/contract/problem';
import { escapeHtml, fieldsOf, link, shapeOf } from './docs-shape.ts';
import type { OpenApiDocument, Operation } from './openapi.ts';

/** The OpenAPI document for people: one page without a script, readable on a phone. */
export const docsPage = ({ info, paths, components }: OpenApiDocument): string => {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<link rel="icon" href="data:,"><title>${escapeHtml(info.title)} API</title><style>${style}</style></head><body><main>
<h1>⚡ ${escapeHtml(info.title)} API</h1>
${info.description.split('\n').map(paragraph).join('\n')}
<p>For programs: <a href="/api/openapi.json">openapi.json</a>. Stage jobs: <a href="/admin/queues">queue board</a>.</p>
<pre>curl -X POST http://localhost:3000/api/stores \\
  -H 'Content-Type: application/json' \\
  -d '{"name":"My Shop","type":"woocommerce"}'</pre>
<nav>${operations.map(({ path, method, operation }) => link(operation.operationId, `${method.toUpperCase()} ${path}`)).join('')}</nav>
${operations.map(operationArticle).join('\n')}
<h2>Shapes</h2>
${Object.entries(components.schemas).map(shapeArticle).join('\n')}
<h2>Problems</h2>
<p>A store's <code>error_code</code> takes the same codes.</p>
${Object.entries(problems).map(problemArticle).join('\n')}
</main></body></html>`;
};

const style = `body{margin:0;background:#0f172a;color:#e2e8f0;font:16px/1.6 system-ui,sans-serif}
main{max-width:56rem;margin:0 auto;padding:2rem 1rem}a{color:#93c5fd}h1{margin:0}h2{margin:2rem 0 0}
article{background:#1e293b;border:1px solid #334155;border-radius:.75rem;margin:1rem 0;padding:1rem 1.25rem}
article:target{border-color:#60a5fa}h3{font:600 1rem/1.5 ui-monospace,monospace;margin:0;overflow-wrap:anywhere}
.method{color:#93c5fd;margin-right:.6rem}p{margin:.3rem 0}ul{margin:.3rem 0;padding-left:1.2rem}
code{color:#fcd34d;overflow-wrap:anywhere}pre{background:#1e293b;border-radius:.5rem;overflow-x:auto;padding:.75rem 1rem}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem}nav a{font-family:ui-monospace,monospace;font-size:.9rem}`;

const paragraph = (text: string) => `<p>${escapeHtml(text)}</p>`;
const item = (name: string, html: string) => `<li><code>${escapeHtml(name)}</code> ${html}</li>`;
const list = (items: readonly string[]) => (items.length > 0 ? `<ul>${items.join('')}</ul>` : '');

const operationArticle = ({
  path,
  method,
  operation,
}: {
  path: string;
  method: string;
  operation: Operation;
}): string => {
  const { operationId, summary, security, parameters, requestBody, responses } = operation;
  const asked = [
    ...(requestBody ? [item('body', shapeOf(requestBody.content['application/json'].schema))] : []),
    ...parameters.map(({ name, in: place, description, schema }) =>
      item(name, `${place}, ${shapeOf(schema)}. ${escapeHtml(description)}`),
    ),
  ];
  const answered = Object.entries(responses).map(([status, { description, headers, content }]) => {
    const schema = Object.values(content ?? {})[0]?.schema;
    const named = Object.keys(headers ?? {}).map((name) => `<code>${escapeHtml(name)}</code>`);
    const extra = [...(schema ? [shapeOf(schema)] : []), ...named].join(', ');
    return item(status, `${escapeHtml(description)}${extra && ` (${extra})`}`);
  });
  return `<article id="${escapeHtml(operationId)}"><h3><span class="method">${method.toUpperCase()}</span>${escapeHtml(path)}</h3>
<p>${escapeHtml(summary)}${security.length === 0 ? ' · open to all' : ''}</p>${list(asked)}${list(answered)}</article>`;
};

const shapeArticle = ([name, schema]: [string, object]): string => {
  const fields = fieldsOf(schema).map(([field, shape]) => item(field, shape));
  return `<article id="${escapeHtml(name)}"><h3>${escapeHtml(name)}</h3>${fields.length > 0 ? list(fields) : `<p>${shapeOf(schema)}</p>`}</article>`;
};

const problemArticle = ([code, { status, title, hint }]: [
  string,
  (typeof problems)[keyof typeof problems],
]) =>
  `<article id="${code}"><h3><span class="method">${status}</span>${code}</h3><p>${escapeHtml(title)}. ${escapeHtml(hint)}</p></article>`;
