import { expect, test } from 'vitest';
import { shiftIntoView } from './shift-into-view.ts';

test.each([
  ['inside', 50, 250, 0],
  ['touching the left margin', 8, 200, 0],
  ['over the left side', -12, 176, 20],
  ['over the right side', 200, 350, -38],
  ['wider than the window, which then shows its beginning', -40, 360, 48],
])('%s', (_where, left, right, shift) => {
  expect(shiftIntoView(left, right, 320)).toBe(shift);
});
