import { expect, test } from 'vitest';
import { createLogLines } from './log-lines.ts';

const lines = createLogLines({ colour: false });
const time = new Date(2026, 0, 2, 3, 4, 5).toISOString();

const json = (entry: object) => JSON.stringify({ time, pid: 7, hostname: 'host', name: 'worker', ...entry });

test('a JSON line becomes time, process and message', () => {
  expect(lines.ofService('worker 2', json({ level: 30, msg: 'This worker leads' }))).toBe(
    '03:04:05  worker 2  This worker leads',
  );
});

test('what goes with the message stays on its line', () => {
  expect(lines.ofService('api', json({ level: 30, msg: 'Store accepted', storeId: 'store-abcdefgh' }))).toBe(
    '03:04:05  api       Store accepted {"storeId":"store-abcdefgh"}',
  );
});

test('warnings and errors stand out', () => {
  expect(lines.ofService('api', json({ level: 40, msg: 'Slow' }))).toBe('03:04:05  api       ⚠ Slow');
  expect(lines.ofService('api', json({ level: 50, msg: 'Broken' }))).toBe('03:04:05  api       ✖ Broken');
});

test('an error shows its stack', () => {
  const err = { type: 'Error', message: 'no', stack: 'Error: no\n    at there' };
  expect(lines.ofService('api', json({ level: 50, msg: 'Broken', err }))).toContain('at there');
});

test('text that is no JSON stays as it is, with its process', () => {
  expect(lines.ofService('dashboard', 'Local: {x}')).toMatch(/^\d\d:\d\d:\d\d {2}dashboard Local: \{x\}$/);
  expect(lines.ofService('dashboard', '{not json')).toMatch(/dashboard \{not json$/);
});

test('what the launcher says about a service is a warning', () => {
  expect(lines.about('worker', 'ended with code 1')).toMatch(/worker {4}⚠ ended with code 1$/);
});
