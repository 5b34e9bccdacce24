import { z } from 'zod';

interface ProblemKind {
  readonly status: number;
  readonly title: string;
  readonly hint: string;
  readonly retryable: boolean;
}

/** Nobody is answered with it: it stands in a store's row and in its events. */
const ofStage = (title: string, hint: string, retryable = false): ProblemKind => ({
  status: 500,
  title,
  hint,
  retryable,
});

/**
 * Every way in which the platform says no. `status` is what the API answers with; stage failures have none of their own.
 * `retryable`: may the same thing succeed by itself later?
 */
export const problems = {
  // What a caller can mend.
  invalid_input: {
    status: 400,
    title: 'The request is not valid',
    hint: 'Correct the fields named in errors.',
    retryable: false,
  },
  malformed_json: {
    status: 400,
    title: 'The body is not JSON',
    hint: 'Send a JSON object, e.g. {"name":"My Shop","type":"woocommerce"}.',
    retryable: false,
  },
  unsupported_media_type: {
    status: 415,
    title: 'The body must be JSON',
    hint: 'Send Content-Type: application/json.',
    retryable: false,
  },
  body_too_large: {
    status: 413,
    title: 'The body is too large',
    hint: 'A request may hold up to 16 kB.',
    retryable: false,
  },
  unauthenticated: {
    status: 401,
    title: 'Sign-in is needed',
    hint: 'Send Authorization: Bearer <API_TOKEN>, or sign in on the dashboard.',
    retryable: false,
  },
  foreign_host: {
    status: 403,
    title: 'This Host is not served here',
    hint: 'Use the address that the platform printed at its start.',
    retryable: false,
  },
  foreign_origin: {
    status: 403,
    title: 'Writes from this Origin are refused',
    hint: 'Add the origin to CORS_ORIGIN if it is yours.',
    retryable: false,
  },
  not_found: {
    status: 404,
    title: 'Nothing is here',
    hint: 'GET /api/docs lists what exists.',
    retryable: false,
  },
  store_not_found: {
    status: 404,
    title: 'There is no such store',
    hint: 'GET /api/stores lists the stores.',
    retryable: false,
  },
  method_not_allowed: {
    status: 405,
    title: 'This address does not take that method',
    hint: 'The Allow header names those that it takes.',
    retryable: false,
  },
  not_failed: {
    status: 409,
    title: 'Only a failed store can be retried',
    hint: 'Wait for the store to settle; delete it if it is not wanted.',
    retryable: false,
  },
  idempotency_mismatch: {
    status: 422,
    title: 'This Idempotency-Key was used for another request',
    hint: 'Send a new key with a new request.',
    retryable: false,
  },
  store_limit: {
    status: 429,
    title: 'The limit of active stores is reached',
    hint: 'Delete a store, or raise MAX_ACTIVE_STORES and start again.',
    retryable: true,
  },
  too_many_requests: {
    status: 429,
    title: 'Too many requests',
    hint: 'Wait for the time that Retry-After names.',
    retryable: true,
  },

  // What the platform waits for.
  database_away: {
    status: 503,
    title: 'The database does not answer',
    hint: 'It is tried again by itself; check DATABASE_URL and that PostgreSQL runs.',
    retryable: true,
  },
  queue_away: {
    status: 503,
    title: 'The queue does not answer',
    hint: 'It is tried again by itself; check REDIS_URL and that Redis runs.',
    retryable: true,
  },
  internal: {
    status: 500,
    title: 'Something unexpected happened',
    hint: 'Try again; the log holds the details.',
    retryable: true,
  },

  // Why a stage fails.
  cluster_away: {
    status: 503,
    title: 'Kubernetes does not answer',
    hint: 'Check that the cluster runs and that KUBE_CONTEXT names it.',
    retryable: true,
  },
  cluster_unauthenticated: {
    status: 503,
    title: "Kubernetes does not accept the platform's credentials",
    hint: 'Renew the token or the certificate in the kubeconfig, then start again.',
    retryable: true,
  },
  cluster_busy: {
    status: 503,
    title: 'Kubernetes asks to slow down',
    hint: 'The stage is tried again by itself.',
    retryable: true,
  },
  cluster_forbidden: ofStage(
    'Kubernetes refuses this to the platform',
    "Give the platform's role the verb and resource that the message names.",
  ),
  cluster_rejected: ofStage(
    'Kubernetes refused an object',
    'The message says which field; check the profile and the settings.',
  ),
  cluster_conflict: ofStage(
    'Another manager owns a field of this object',
    'Find out who else writes into the namespace.',
    true,
  ),
  namespace_foreign: ofStage(
    'A namespace of this name is not ours',
    'Nothing in it was touched. Delete this store and create it again: it gets another id.',
  ),
  namespace_terminating: ofStage(
    'The old namespace is still going',
    'It is waited for; if it never goes, look at its finalizers.',
    true,
  ),
  quota_exceeded: ofStage(
    "The namespace's quota is too small",
    'Raise the quota or lower the requests of the profile.',
  ),
  image_pull_failed: ofStage(
    'An image cannot be pulled',
    'Check its name, the registry and the pull secret.',
  ),
  volume_pending: ofStage(
    'A volume does not come',
    'Check the storage class of the claim, and its provisioner.',
  ),
  unschedulable: ofStage('No node has room for a pod', 'Free memory or CPU on a node, or add one.', true),
  preparation_failed: ofStage(
    'A shop could not be prepared',
    "Check the address and the checksum of what the message names, and the cluster's way there.",
  ),
  out_of_memory: ofStage(
    'A container has too little memory',
    'Raise the memory limit of this container, then retry.',
  ),
  crash_loop: ofStage('A container keeps crashing', 'Its last log lines are in the events.'),
  probe_failing: ofStage(
    'A container does not answer its probe',
    'It may only be slow; its log says what it does.',
    true,
  ),
  exec_failed: ofStage('A command in the shop failed', 'Its own words are in the events.', true),
  ingress_away: ofStage(
    "The shop's address leads nowhere",
    'Check that an ingress controller serves INGRESS_CLASS, and that CLUSTER_IP or INGRESS_ADDRESS leads to it.',
    true,
  ),
  shop_not_selling: ofStage(
    'The shop does not sell yet',
    'The message says what was asked for and what came instead.',
    true,
  ),
  stage_timeout: ofStage(
    'A stage took too long',
    'The last event before this one says what it was waiting for.',
  ),
  stage_poisoned: ofStage(
    'A stage took down its worker again and again',
    "Read the worker's log from before each death.",
  ),
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof problems;

/** `application/problem+json`, RFC 9457, with our `code`, `hint` and, for input, one entry a field in `errors`. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string(),
  hint: z.string(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof Problem>;

/**
 * The one error that the platform throws on purpose. `message` may be shown to people: no secrets, no stacks.
 * Anything else that is thrown is a fault, is logged whole and shown as `internal`.
 */
export class PlatformError extends Error {
  override readonly name = 'PlatformError';
  readonly code: ProblemCode;
  readonly hint: string;
  readonly retryable: boolean;
  /** Seconds after which a caller may try again. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ProblemCode,
    message: string,
    options: { cause?: unknown; hint?: string; retryable?: boolean; retryAfterSeconds?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? problems[code].hint;
    this.retryable = options.retryable ?? problems[code].retryable;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
