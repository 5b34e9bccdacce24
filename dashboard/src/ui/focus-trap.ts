const focusable = 'a[href], button, input, select, textarea, [tabindex="0"]';

const isReachable = (element: HTMLElement): boolean => !element.matches(':disabled, [hidden] *');

/**
 * @returns the element at the other end when Tab (`backwards`: Shift+Tab) would leave `container`; undefined when the
 * browser's own next element lies inside.
 */
export const nextInTrap = (
  container: HTMLElement,
  current: Element | null,
  backwards: boolean,
): HTMLElement | undefined => {
  const inside = [...container.querySelectorAll<HTMLElement>(focusable)].filter(isReachable);
  const first = inside[0];
  const last = inside.at(-1);
  const outside = current === container || !container.contains(current);
  if (backwards) return outside || current === first ? last : undefined;
  return outside || current === last ? first : undefined;
};
