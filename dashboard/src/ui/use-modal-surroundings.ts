import { useLayoutEffect, useState, type RefObject } from 'react';

/**
 * While a dialog is open, the rest of the page is inert and doesn't scroll; afterwards focus is where it was.
 * Live regions stay audible.
 */
export const useModalSurroundings = (overlay: RefObject<HTMLElement | null>): void => {
  // Read while rendering: by the time of the effect, a field with autoFocus has it already.
  const [opener] = useState(() => document.activeElement);
  useLayoutEffect(() => {
    const others = [...document.body.children].filter(
      (element) =>
        element !== overlay.current && !element.hasAttribute('inert') && !element.matches('output'),
    );
    for (const element of others) element.setAttribute('inert', '');
    document.body.style.overflow = 'hidden';
    return () => {
      for (const element of others) element.removeAttribute('inert');
      document.body.style.overflow = '';
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, [overlay, opener]);
};
