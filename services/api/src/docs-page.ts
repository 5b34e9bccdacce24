import type { Route } from './route.ts';
import { problems } from '@store-platform/shared/contract/problem';

const escapeHtml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const style = `body{margin:0;background:#0f172a;color:#e2e8f0;font:16px/1.6 system-ui,sans-serif}
main{max-width:56rem;margin:0 auto;padding:2rem 1rem}a{color:#93c5fd}h1{margin:0}
article{background:#1e293b;border:1px solid #334155;border-radius:.75rem;margin:1rem 0;padding:1rem 1.25rem}
h2{font:600 1rem/1.5 ui-monospace,monospace;margin:0;overflow-wrap:anywhere}.m{color:#93c5fd;text-transform:uppercase;margin-right:.6rem}
p{margin:.3rem 0}ul{margin:.3rem 0;padding-left:1.2rem}code{color:#fcd34d;overflow-wrap:anywhere}.open{color:#86efac}`;

/** The API for people: the same table as everything else, without a script. */
export const docsPage = (routes: readonly Route[]): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Store Platform API</title><style>${style}</style></head><body><main>
<h1>⚡ Store Platform API</h1>
<p>Every error is <code>application/problem+json</code> with <code>code</code>, <code>detail</code> and <code>hint</code>.
For programs: <a href="/api/openapi.json">openapi.json</a>. Stage jobs: <a href="/admin/queues">queue board</a>.</p>
${routes.map(article).join('\n')}
<article><h2>Try it</h2><p><code>curl -X POST http://localhost:3000/api/stores -H 'Content-Type: application/json' -d '{"name":"My Shop","type":"woocommerce"}'</code></p></article>
</main></body></html>`;

const article = ({
  method,
  path,
  summary,
  access,
  answer,
  problems: codes,
  query,
  requestHeaders,
  body,
}: Route) => `<article>
<h2><span class="m">${method}</span>${escapeHtml(path)}</h2><p>${escapeHtml(summary)}${access === 'open' ? ' <span class="open">· open to all</span>' : ''}</p><ul>
${body && 'shape' in body ? item('Body', Object.keys(Object(body.shape)).join(', ')) : ''}${query ? item('Query', Object.keys(query.shape).join(', ')) : ''}
${Object.entries(requestHeaders ?? {})
  .map(([name, text]) => item(name, text))
  .join('')}
${item(String(answer.status), answer.description)}${codes.map((code) => item(String(problems[code].status), `${code}: ${problems[code].title}`)).join('')}</ul></article>`;

const item = (name: string, text: string) => `<li><code>${escapeHtml(name)}</code> ${escapeHtml(text)}</li>`;
