import { describeStep, stepEmoji } from './describe-step.ts';
import type { StageLine, StageStep } from './stage-line.ts';

const textTones: Partial<Record<StageStep['state'], string>> = {
  running: 'text-yellow-200',
  queued: 'text-slate-200',
  done: 'text-slate-300',
  failed: 'text-red-300',
};

const Step = ({ step }: { step: StageStep }) => (
  <span className={`flex min-w-0 items-baseline gap-2 ${textTones[step.state] ?? 'text-slate-400'}`}>
    <span aria-hidden="true" className="w-4 shrink-0 text-center text-xs">
      {stepEmoji[step.state]}
    </span>
    <span className="min-w-0">
      <span className="font-medium">{step.title}</span>{' '}
      <span className="text-xs tabular-nums">{describeStep(step)}</span>
    </span>
  </span>
);

/** The stages in their order; those that run side by side stand side by side. */
export const StageList = ({ line }: { line: StageLine }) => (
  <ol aria-label="Stages" className="space-y-1 text-sm">
    {line.groups.map((group) => (
      <li key={group.map(({ stage }) => stage).join()} className="flex flex-wrap gap-x-4 gap-y-1">
        {group.map((step) => (
          <Step key={step.stage} step={step} />
        ))}
      </li>
    ))}
  </ol>
);
