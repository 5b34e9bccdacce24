import { useEffect, useId, useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { shiftIntoView } from './shift-into-view.ts';

interface TooltipProps {
  readonly text: string;
  /** Receives the id that its control points `aria-describedby` to. */
  readonly children: (describedBy: string) => ReactNode;
}

/**
 * Shown while the pointer is on the control or on the tooltip itself (its text can be copied), or the keyboard on the
 * control; Escape hides it.
 */
export const Tooltip = ({ text, children }: TooltipProps) => {
  const id = useId();
  const [shown, setShown] = useState(false);
  const wrapper = useRef<HTMLSpanElement>(null);
  const box = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    if (!shown || !box.current) return;
    box.current.style.marginLeft = '';
    const { left, right } = box.current.getBoundingClientRect();
    box.current.style.marginLeft = `${shiftIntoView(left, right, document.documentElement.clientWidth)}px`;
  }, [shown]);
  useEffect(() => {
    const listening = new AbortController();
    const { signal } = listening;
    const show = () => setShown(true);
    const hide = () => setShown(false);
    wrapper.current?.addEventListener('mouseenter', show, { signal });
    wrapper.current?.addEventListener('mouseleave', hide, { signal });
    wrapper.current?.addEventListener('focusin', show, { signal });
    wrapper.current?.addEventListener('focusout', hide, { signal });
    // The keyboard may be elsewhere while the pointer shows it.
    const hideOnEscape = ({ key }: KeyboardEvent) => (key === 'Escape' ? hide() : undefined);
    document.addEventListener('keydown', hideOnEscape, { signal });
    return () => listening.abort();
  }, []);
  return (
    <span ref={wrapper} className="relative inline-flex">
      {children(id)}
      {/* The padding bridges the gap: the pointer can cross it. */}
      <span
        ref={box}
        id={id}
        role="tooltip"
        hidden={!shown}
        className="absolute bottom-full left-1/2 z-10 w-max max-w-56 -translate-x-1/2 pb-2"
      >
        <span className="block rounded-md border border-slate-600 bg-slate-950 px-3 py-1.5 text-xs text-slate-100 shadow-lg wrap-anywhere">
          {text}
        </span>
      </span>
    </span>
  );
};
