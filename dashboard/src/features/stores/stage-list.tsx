import { describeStep, stepEmoji } from './describe-step.ts';
import type { StageLine, StageStep } from './stage-line.ts';

const textTones: Partial<Record<StageStep['state'], string>> = {
  running: 'text-yellow-200',
  queued: 'text-slate-200',
  done: 'text-slate-300',
  failed: 'text-red-300',
};

/** One line whatever the time says: a card doesn't grow while a stage runs. */
const Step = ({ step }: { step: StageStep }) => (
  <span className={`flex items-baseline gap-2 ${textTones[step.state] ?? 'text-slate-400'}`}>
    <span aria-hidden="true" className="emoji w-4 shrink-0 text-center text-xs">
      {stepEmoji[step.state]}
    </span>
    <span className="font-medium whitespace-nowrap">{step.title}</span>{' '}
    <span className="min-w-0 grow text-right text-xs tabular-nums">{describeStep(step)}</span>
  </span>
);

/** The stages in their order; a line joins those that run side by side. */
export const StageList = ({ line }: { line: StageLine }) => (
  <ol aria-label="Stages" className="space-y-1 text-sm">
    {line.groups.map((group) => (
      <li
        key={group.map(({ stage }) => stage).join()}
        className={`space-y-1 ${group.length > 1 ? 'relative before:absolute before:inset-y-0.5 before:-left-2 before:w-1.5 before:rounded-l before:border before:border-r-0 before:border-slate-500' : ''}`}
      >
        {group.map((step) => (
          <Step key={step.stage} step={step} />
        ))}
      </li>
    ))}
  </ol>
);
