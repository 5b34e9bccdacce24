import { useLayoutEffect, useState, type RefObject } from 'react';

/**
 * While a dialog is open, the rest of the page is inert and doesn't scroll; afterwards focus is where it was, or on the
 * element named `heirId` when that place is gone. Live regions stay audible.
 */
export const useModalSurroundings = (overlay: RefObject<HTMLElement | null>, heirId: string): void => {
  // Read while rendering: by the time of the effect, a field inside may have it already.
  const [opener] = useState(() => document.activeElement);
  useLayoutEffect(() => {
    const others = [...document.body.children].filter(
      (element) =>
        element !== overlay.current && !element.hasAttribute('inert') && !element.matches('output'),
    );
    for (const element of others) element.setAttribute('inert', '');
    const { documentElement: root, body } = document;
    // What the scroll bar takes, so that the page doesn't move when it goes.
    body.style.paddingRight = `${window.innerWidth - root.clientWidth}px`;
    root.style.overflow = 'hidden';
    return () => {
      for (const element of others) element.removeAttribute('inert');
      body.style.paddingRight = '';
      root.style.overflow = '';
      const next = opener?.isConnected ? opener : document.getElementById(heirId);
      if (next instanceof HTMLElement) next.focus();
    };
  }, [overlay, opener, heirId]);
};
