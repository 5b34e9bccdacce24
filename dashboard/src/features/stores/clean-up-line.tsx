import type { Store } from '@store-platform/shared/contract/store';
import { Notice } from '../../ui/notice.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { useNow } from '../../ui/use-now.ts';
import { describeEffort } from './describe-step.ts';
import { stageStep } from './stage-line.ts';

/** What the clean-up does right now, after a failure or a deletion. */
export const CleanUpLine = ({ store, label }: { store: Store; label: string }) => {
  const nowMs = useNow();
  const step = stageStep(
    'teardown',
    store.stages.find(({ stage }) => stage === 'teardown'),
    nowMs,
  );
  return (
    <div className="space-y-2">
      <p className="flex items-center gap-2 text-sm text-slate-300">
        <Spinner />
        {label}
        <span className="text-xs tabular-nums">{describeEffort(step)}</span>
      </p>
      {step.error ? <Notice tone="warning">{step.error}</Notice> : null}
    </div>
  );
};
