import type { ProblemCode } from '@store-platform/shared/contract/problem';
import { stagePlan, type StageName } from '@store-platform/shared/contract/stage';
import type { Fault } from '../../../services/cluster-emulator/src/faults/faults.ts';
import type { Point } from '../point.ts';

/** One call of a stage, as the emulator sees it. */
export interface Call extends Omit<Point, 'storeId'> {
  readonly method: string;
  readonly resource: string;
  /** Where two stages that run side by side make the same call. */
  readonly name?: string;
}

/**
 * `absorbed`: the call is made again, and the stage needs no second attempt · `retried`: it needs one · `outlasted`: it
 * needs more than would be granted to a trouble that doesn't pass by itself · a code: the store fails with it at once.
 */
export type End = 'absorbed' | 'retried' | 'outlasted' | ProblemCode;

export interface Trouble {
  readonly name: string;
  readonly effect: Fault['effect'];
  /** How many tries meet it. */
  times(stage: StageName): number;
  fits(call: Call): boolean;
  /** What becomes of a stage of provisioning; the clean-up never gives up. */
  end(stage: StageName): End;
}

export const status = (
  code: number,
  reason: string,
  message: string,
  retryAfterSeconds?: number,
): Fault['effect'] => ({
  kind: 'status',
  code,
  reason,
  message,
  ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
});

const triesOfACall = 4;
const once = () => 1;
const isCommand = ({ method }: Call) => method === 'EXEC';
/** A command is never repeated by itself: nobody knows how far it came. */
const ofCommand =
  (end: End) =>
  (stage: StageName): End =>
    stage === 'wp-cli' ? 'retried' : end;
const anyCall = () => true;
const isWrite = ({ method }: Call) => method === 'PATCH' || method === 'POST';
const inNamespace = (call: Call) => isWrite(call) && call.resource !== 'namespaces';
/** A read that says "not found" can only be believed. */
export const isNoRead = ({ method }: Call) => method !== 'GET';

export const troubles: readonly Trouble[] = [
  {
    name: '409, somebody else has just written',
    effect: status(409, 'Conflict', 'Operation cannot be fulfilled: the object has been modified'),
    times: once,
    fits: (call) => !isCommand(call),
    end: () => 'retried',
  },
  {
    name: '403, the quota is used up',
    effect: status(
      403,
      'Forbidden',
      'it is forbidden: exceeded quota: store, requested: pods=1, used: pods=9, limited: pods=9',
    ),
    times: once,
    fits: inNamespace,
    end: () => 'quota_exceeded',
  },
  {
    name: '403, the quota is not counted yet',
    effect: status(403, 'Forbidden', 'it is forbidden: status unknown for quota: store, resources: pods'),
    times: once,
    fits: inNamespace,
    end: () => 'retried',
  },
  {
    name: '403, the role may not do it',
    effect: status(403, 'Forbidden', 'it is forbidden: User "platform" cannot touch resource "things"'),
    times: once,
    fits: anyCall,
    end: () => 'cluster_forbidden',
  },
  {
    name: '404',
    effect: status(404, 'NotFound', 'namespaces "it" not found'),
    times: once,
    fits: isNoRead,
    end: ofCommand('cluster_rejected'),
  },
  {
    name: '422',
    effect: status(422, 'Invalid', 'it is invalid: spec: Required value'),
    times: once,
    fits: anyCall,
    end: ofCommand('cluster_rejected'),
  },
  {
    name: '429 with Retry-After',
    effect: status(429, 'TooManyRequests', 'too many requests', 1),
    times: once,
    fits: anyCall,
    end: ofCommand('absorbed'),
  },
  {
    name: '429 at each try of the call',
    effect: status(429, 'TooManyRequests', 'too many requests', 1),
    times: () => triesOfACall,
    fits: (call) => !isCommand(call),
    end: () => 'retried',
  },
  ...([500, 503] as const).map((code) => ({
    name: String(code),
    effect: status(code, code === 500 ? 'InternalError' : 'ServiceUnavailable', 'not now'),
    times: once,
    fits: anyCall,
    end: ofCommand('absorbed'),
  })),
  {
    name: '500 for longer than a while',
    effect: status(500, 'InternalError', 'etcdserver: request timed out'),
    times: (stage) =>
      stage === 'teardown'
        ? 2 * triesOfACall
        : (stage === 'wp-cli' ? 1 : triesOfACall) * stagePlan[stage].attempts,
    fits: anyCall,
    end: () => 'outlasted',
  },
  { name: 'cut', effect: { kind: 'cut' }, times: once, fits: anyCall, end: ofCommand('absorbed') },
  { name: 'a hang', effect: { kind: 'hang' }, times: once, fits: anyCall, end: ofCommand('absorbed') },
  {
    name: 'a lost answer',
    effect: { kind: 'answer lost' },
    times: once,
    fits: anyCall,
    end: ofCommand('absorbed'),
  },
];
