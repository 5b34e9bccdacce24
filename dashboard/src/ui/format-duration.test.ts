import { expect, test } from 'vitest';
import { formatDuration } from './format-duration.ts';

test.each([
  [-2, '0 s'],
  [8.9, '8 s'],
  [60, '1 min 00 s'],
  [125, '2 min 05 s'],
  [3720, '1 h 02 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});
