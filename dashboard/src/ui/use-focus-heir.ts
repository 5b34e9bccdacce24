import { useLayoutEffect, type RefObject } from 'react';

/** When an element leaves the page while it holds the focus, the element named `heirId` takes it over. */
export const useFocusHeir = (element: RefObject<HTMLElement | null>, heirId: string): void => {
  useLayoutEffect(() => {
    const mounted = element.current;
    return () => {
      if (mounted?.contains(document.activeElement)) document.getElementById(heirId)?.focus();
    };
  }, [element, heirId]);
};
