import type { Problem } from '@store-platform/shared/contract/problem';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const asText = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '');

/** What a person sees who typed a wrong address, or followed a link while the API is away. */
export const problemPage = ({ title, detail, hint }: Problem): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="dark light">
    <title>${asText(title)} · Store Platform</title>
  </head>
  <body>
    <h1>${asText(title)}</h1>
    <p>${asText(detail)}</p>
    <p>${asText(hint)}</p>
    <p><a href="/">To the dashboard</a></p>
  </body>
</html>
`;
