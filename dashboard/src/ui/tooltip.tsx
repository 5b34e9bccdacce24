import { useId, useState, type ReactNode } from 'react';

interface TooltipProps {
  readonly text: string;
  /** Receives the id that its control points `aria-describedby` to. */
  readonly children: (describedBy: string) => ReactNode;
}

/** Shown while the pointer or the keyboard is on the control; Escape hides it. */
export const Tooltip = ({ text, children }: TooltipProps) => {
  const id = useId();
  const [shown, setShown] = useState(false);
  return (
    // The control inside is what takes the keyboard; the wrapper only watches it.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
    <span
      className="relative inline-flex"
      onMouseEnter={() => setShown(true)}
      onMouseLeave={() => setShown(false)}
      onFocus={() => setShown(true)}
      onBlur={() => setShown(false)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') setShown(false);
      }}
    >
      {children(id)}
      <span
        id={id}
        role="tooltip"
        hidden={!shown}
        className="absolute bottom-full left-1/2 z-10 mb-2 w-max max-w-56 -translate-x-1/2 rounded-md border border-slate-600 bg-slate-950 px-3 py-1.5 text-xs text-slate-100 shadow-lg wrap-anywhere"
      >
        {text}
      </span>
    </span>
  );
};
