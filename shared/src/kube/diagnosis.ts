import { problems, type ProblemCode } from '../contract/problem.ts';
import { cleanText } from '../text/clean-text.ts';

/** What Kubernetes says is wrong, in a person's words. */
export interface Diagnosis {
  readonly code: ProblemCode;
  /** Our sentence first, then Kubernetes' own words where these say more. */
  readonly message: string;
  /** What to do. */
  readonly hint: string;
  /** How long waiting may heal it, in milliseconds: 0 fails the stage at once, Infinity waits until its time is over. */
  readonly patienceMs: number;
  /** The container or claim that it is about. */
  readonly subject: string;
  /** It names the trouble without the cause: one of the same code and subject that knows the cause says more. */
  readonly isVague: boolean;
  /** Whose log has more to say. */
  readonly log?: LogRef;
}

export interface LogRef {
  readonly pod: string;
  readonly container: string;
  /** How often it has ended: its last words are others each time. */
  readonly ends: number;
}

/** What may come right by itself, but seldom does: a registry's hiccup, a provisioner that is slow. */
export const shortPatienceMs = 60_000;

/** @param details unset: the code's own hint, and patience without end. */
export const diagnosis = (
  code: ProblemCode,
  message: string,
  details: Partial<Omit<Diagnosis, 'code' | 'message'>> = {},
): Diagnosis => ({
  code,
  message,
  hint: problems[code].hint,
  patienceMs: Number.POSITIVE_INFINITY,
  subject: '',
  isVague: false,
  ...details,
});

const longestWords = 300;

/** What container runtimes put around what happened, layer by layer. */
const wrapping =
  /rpc error: code = \w+ desc = |failed to (?:create containerd task|create shim(?: task)?|do request|start container "[^"]*"|pull and unpack image "[^"]*"|resolve (?:reference|image) "[^"]*"): |OCI runtime create failed: |runc create failed: |(?<=.): unknown$/g;

/** Kubernetes' own words without the wrapping of its parts, cut where they go on and on. */
export const ownWords = (text: string): string => {
  const bare = text.replaceAll(wrapping, '').replaceAll(/\s+/g, ' ').trim();
  return bare.length > longestWords ? `${cleanText(bare, longestWords)}…` : cleanText(bare);
};
