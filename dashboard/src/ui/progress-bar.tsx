interface ProgressBarProps {
  readonly label: string;
  readonly percent: number;
  /** What a screen reader says instead of the bare number. */
  readonly text: string;
}

export const ProgressBar = ({ label, percent, text }: ProgressBarProps) => (
  <div className="flex items-center gap-3">
    <div
      // <progress> takes no stripes that look the same in every browser.
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={text}
      className="h-2 grow overflow-hidden rounded-full bg-slate-700"
    >
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
