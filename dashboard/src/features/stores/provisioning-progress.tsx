import type { Store } from '@store-platform/shared/contract/store';
import { formatDuration } from '../../ui/format-duration.ts';
import { Notice } from '../../ui/notice.tsx';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import { useNow } from '../../ui/use-now.ts';
import { stageLine } from './stage-line.ts';
import { StageList } from './stage-list.tsx';

interface ProvisioningProgressProps {
  readonly store: Store;
  /** Median of recent stores, in seconds; null while nothing is known. */
  readonly usualSeconds: number | null;
}

export const ProvisioningProgress = ({ store, usualSeconds }: ProvisioningProgressProps) => {
  const nowMs = useNow();
  const line = stageLine(store.stages, nowMs);
  const elapsed = formatDuration((nowMs - Date.parse(store.started_at)) / 1000);
  const steps = line.groups.flat();
  const troubled = steps.filter(({ error }) => error !== null);
  return (
    <div className="space-y-3">
      <ProgressBar
        label={`Provisioning ${store.name}`}
        percent={line.percent}
        text={`${line.percent} percent: ${line.now}`}
      />
      {/* The list says what runs; here nothing does, and why is to be seen nowhere else. */}
      {steps.every(({ state }) => state === 'waiting') ? (
        <p className="text-sm text-yellow-200">{line.now}…</p>
      ) : null}
      <StageList line={line} />
      {troubled.map(({ stage, title, error }) => (
        <Notice key={stage} tone="warning">
          {title}, last try: {error}
        </Notice>
      ))}
      <p className="text-xs text-slate-300 tabular-nums">
        {elapsed} so far{usualSeconds === null ? '' : ` · usually ${formatDuration(usualSeconds)}`}
      </p>
    </div>
  );
};
