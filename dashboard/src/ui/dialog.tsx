import { useEffect, useId, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { nextInTrap } from './focus-trap.ts';
import { useModalSurroundings } from './use-modal-surroundings.ts';

interface DialogProps {
  readonly title: string;
  /** Id of the element that takes the focus when the dialog's opener is gone by the time it closes. */
  readonly heirId: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A modal dialog over a blurred overlay: it keeps the keyboard inside, Escape closes it, focus goes back. */
export const Dialog = ({ title, heirId, onClose, children }: DialogProps) => {
  const titleId = useId();
  const overlay = useRef<HTMLDivElement>(null);
  const card = useRef<HTMLDialogElement>(null);
  useModalSurroundings(overlay, heirId);
  useEffect(() => {
    // A field inside may have taken it already.
    if (!card.current?.contains(document.activeElement)) card.current?.focus({ preventScroll: true });
  }, []);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      onClose();
    }
    if (event.key === 'Tab' && card.current) {
      const next = nextInTrap(card.current, document.activeElement, event.shiftKey);
      if (next) {
        event.preventDefault();
        next.focus();
      }
    }
  };

  return createPortal(
    // A click beside the card closes it, as Escape does for the keyboard.
    <div
      ref={overlay}
      role="presentation"
      className="fixed inset-0 z-40 flex items-start justify-center overflow-y-auto bg-slate-950/60 p-4 backdrop-blur-sm"
      onKeyDown={onKeyDown}
      onMouseDown={(event) => {
        if (event.target === overlay.current) onClose();
      }}
    >
      <dialog
        ref={card}
        // Not showModal(): it would make the live region inert, too, and lets Tab out to the browser's own bars.
        open
        aria-modal="true"
        aria-labelledby={titleId}
        tabIndex={-1}
        // Auto margins, not a centring container: what is taller than the window stays reachable at its top.
        className="static m-0 w-full max-w-lg rounded-2xl border border-slate-700 bg-slate-800 p-5 text-white shadow-2xl sm:my-auto sm:p-6"
      >
        <div className="mb-4 flex items-start justify-between gap-4">
          <h2 id={titleId} className="text-xl font-bold text-white">
            {title}
          </h2>
          <button
            type="button"
            aria-label="Close"
            onClick={onClose}
            className="-m-2 size-10 shrink-0 cursor-pointer rounded-lg text-slate-300 hover:bg-slate-700 hover:text-white"
          >
            ✕
          </button>
        </div>
        {children}
      </dialog>
    </div>,
    document.body,
  );
};
