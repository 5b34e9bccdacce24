/** Kept free at both sides of the window. */
const MARGIN = 8;

/** @returns how far something from `left` to `right` must move to lie in a window of that width, in CSS pixels. */
export const shiftIntoView = (left: number, right: number, width: number): number => {
  if (left < MARGIN) return MARGIN - left;
  return Math.min(0, width - MARGIN - right);
};
