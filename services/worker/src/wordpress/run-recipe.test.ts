import { expect, it } from 'vitest';
import { decodeEntities } from './decode-entities.ts';
import { parseStep } from './run-recipe.ts';

it.each([
  ['{"step":"core","ok":true,"message":"WordPress is installed."}', 'WordPress is installed.'],
  [
    '{"step":"core","ok":true,"message":"NUL \\u0000 and half \\ud83d a pair"}',
    'NUL  and half \ufffd a pair',
  ],
])('a line of the recipe is a step, fit for the database: %s', (line, message) => {
  expect(parseStep(line)).toEqual({ step: 'core', ok: true, message });
});

it.each(['PHP Warning: x', '', '{"step":"core"', '{"step":1,"ok":true,"message":""}', 'null', '[]'])(
  'what WordPress prints besides is no step: %j',
  (line) => {
    expect(parseStep(line)).toBeUndefined();
  },
);

it('a step is as long as an event may be', () => {
  const step = { step: 'plugin', ok: false, message: 'x'.repeat(10_000) };
  expect(parseStep(JSON.stringify(step))?.message).toHaveLength(500);
});

it.each([
  ['Tom &amp; Ada', 'Tom & Ada'],
  ['&amp;amp;', '&amp;'],
  ['&#8217; &#x1F600; &lt;b&gt; &quot;&apos;', '’ 😀 <b> "\''],
  ['&unknown; &#x110000; & &;', '&unknown; &#x110000; & &;'],
])('%s is shown as %s', (encoded, shown) => {
  expect(decodeEntities(encoded)).toBe(shown);
});
