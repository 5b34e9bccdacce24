import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { histories, type Step } from './history.ts';

export interface CheckOptions {
  /** What is held against the model, as `npm run test:model` names it. */
  readonly against: 'functions' | 'runner';
  readonly histories: number;
  /** Enough for a sample; what is cut off is said. */
  readonly withinMs: number;
}

/** Of the commit, so that each commit is tried with others, and everybody tries it with the same. */
const seedOfCommit = (): number => {
  try {
    const head = execFileSync('git', ['rev-parse', 'HEAD'], {
      encoding: 'utf8',
      cwd: import.meta.dirname,
      stdio: 'pipe',
    });
    return Number.parseInt(head.slice(0, 7), 16);
  } catch {
    // Sources without their history.
    return 1;
  }
};

/** `npm run test:model` sets these. */
const ordered = (name: 'MODEL_SEED' | 'MODEL_PATH' | 'MODEL_HISTORIES'): string | undefined =>
  process.env[name] || undefined;

/**
 * Plays histories until one fails, and then shorter ones of its kind.
 * @throws Error with the shortest that fails and the command that plays it again.
 */
export const checkHistories = async (
  { against, histories: count, withinMs }: CheckOptions,
  play: (history: readonly Step[]) => Promise<void>,
): Promise<void> => {
  const seed = Number(ordered('MODEL_SEED') ?? seedOfCommit());
  const path = ordered('MODEL_PATH');
  const more = ordered('MODEL_HISTORIES');
  let steps = 0;
  const property = fc.asyncProperty(histories, async (history) => {
    steps += history.length;
    await play(history);
  });
  const details = await fc.check(property, {
    seed,
    numRuns: more ? Number(more) : count,
    ...(path ? { path, endOnFailure: true } : {}),
    ...(more ? {} : { interruptAfterTimeLimit: withinMs }),
  });
  process.stdout.write(
    `Model against the ${against}: seed ${seed}, ${details.numRuns} histories, ${steps} steps.\n`,
  );
  if (details.failed) throw new Error(describe(against, details));
};

const describe = (against: string, details: fc.RunDetails<[Step[]]>): string => {
  const { errorInstance, numRuns, numShrinks, counterexample, counterexamplePath, seed } = details;
  const history = counterexample?.[0].map((step, index) => `  ${index + 1}. ${JSON.stringify(step)}`) ?? [];
  return [
    errorInstance instanceof Error ? errorInstance.message : String(errorInstance),
    `Found in history ${numRuns}, made shorter ${numShrinks} times:`,
    ...history,
    `Again: npm run test:model -- --against ${against} --seed ${seed} --path ${counterexamplePath}`,
  ].join('\n');
};
