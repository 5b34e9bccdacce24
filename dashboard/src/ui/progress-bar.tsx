interface ProgressBarProps {
  readonly label: string;
  readonly percent: number;
  /** What a screen reader says instead of the bare number. */
  readonly text: string;
}

/** The element is for those who can't see it: no two browsers draw it with the same stripes. */
export const ProgressBar = ({ label, percent, text }: ProgressBarProps) => (
  <div className="relative flex items-center gap-3">
    <progress className="sr-only" aria-label={label} max={100} value={percent} aria-valuetext={text} />
    <div aria-hidden="true" className="h-2 grow overflow-hidden rounded-full bg-slate-700">
      <div
        className="progress-stripes h-full rounded-full bg-yellow-500 transition-[width] duration-700 motion-reduce:transition-none"
        style={{ width: `${Math.max(percent, 3)}%` }}
      />
    </div>
    <span aria-hidden="true" className="w-10 text-right text-xs text-slate-300 tabular-nums">
      {percent} %
    </span>
  </div>
);
