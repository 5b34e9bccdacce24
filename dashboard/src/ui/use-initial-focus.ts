import { useEffect, type RefObject } from 'react';

/** The element has the focus when it comes up: for what was opened to be typed into. */
export const useInitialFocus = (element: RefObject<HTMLElement | null>): void => {
  useEffect(() => element.current?.focus(), [element]);
};
