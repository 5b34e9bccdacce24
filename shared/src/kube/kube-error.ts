import { z } from 'zod';
import { PlatformError, type ProblemCode } from '../contract/problem.ts';
import { cleanText } from '../text/clean-text.ts';
import { isQuotaUncounted, quotaSentence } from './refused-pod.ts';
import { tryJson } from '../text/try-json.ts';

const StatusSchema = z.object({
  reason: z.string().default(''),
  message: z.string().default(''),
  details: z.object({ retryAfterSeconds: z.number().optional() }).optional(),
});

/** What the API server answered, when it wasn't what was asked for. */
export class KubeStatusError extends Error {
  override readonly name = 'KubeStatusError';
  readonly status: number;
  /** Kubernetes' own word, e.g. `AlreadyExists`. */
  readonly reason: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, body: string, retryAfter?: string) {
    const parsed = StatusSchema.safeParse(tryJson(body));
    super(parsed.success && parsed.data.message ? parsed.data.message : `Kubernetes answered ${status}`);
    this.status = status;
    this.reason = parsed.success ? parsed.data.reason : '';
    this.retryAfterSeconds =
      Number(retryAfter) || (parsed.success ? parsed.data.details?.retryAfterSeconds : undefined);
  }
}

/** Who the platform is, or what it may do: asking again changes nothing. */
export const isRefusal = (error: unknown): error is KubeStatusError =>
  error instanceof KubeStatusError && (error.status === 401 || error.status === 403);

/** @returns the platform's word for it: code, sentence, hint, and whether time may heal it. */
export const toPlatformError = (error: unknown): unknown => {
  if (error instanceof PlatformError) return error;
  if (error instanceof KubeStatusError) {
    if (isNamespaceGone(error)) return namespaceGone(cleanText(error.message), error);
    const code = codeOf(error);
    const told = sayIt(code, error);
    return new PlatformError(code, told.message, { cause: error, ...told.hint, ...retryAfter(error) });
  }
  return isNetworkError(error)
    ? new PlatformError('cluster_away', `Kubernetes does not answer (${cleanText(error.message)}).`, {
        cause: error,
      })
    : error;
};

const codeOf = ({ status, reason, message }: KubeStatusError): ProblemCode => {
  if (status === 429) return 'cluster_busy';
  if (status >= 500) return 'cluster_away';
  if (status === 403 && /exceeded quota/.test(message)) return 'quota_exceeded';
  if (status === 403 && isQuotaUncounted(message)) return 'cluster_busy';
  if (status === 403 && /being terminated|NamespaceTerminating/.test(message)) return 'namespace_terminating';
  if (status === 401) return 'cluster_unauthenticated';
  if (status === 403) return 'cluster_forbidden';
  return reason === 'Conflict' || reason === 'AlreadyExists' ? 'cluster_conflict' : 'cluster_rejected';
};

/** Our sentence first where there is one, then Kubernetes' own words. */
const sayIt = (code: ProblemCode, { status, message }: KubeStatusError) => {
  const words = cleanText(message);
  if (code === 'quota_exceeded') return { message: quotaSentence(message) ?? words };
  if (status === 401) return { message: `Kubernetes does not accept the platform's credentials: ${words}` };
  const [, verb, resource] = /cannot (\w+) resource "([^"]+)"/.exec(message) ?? [];
  if (code !== 'cluster_forbidden' || !verb || !resource) return { message: words };
  return {
    message: `The platform may not ${verb} ${resource}: ${words}`,
    hint: { hint: `Give the platform's role the verb "${verb}" on "${resource}", then retry.` },
  };
};

const retryAfter = ({ retryAfterSeconds }: KubeStatusError) =>
  retryAfterSeconds ? { retryAfterSeconds } : {};

/** Written into, and not there: somebody deleted it, and only a retry of the store makes a new one. */
const isNamespaceGone = ({ status, message }: KubeStatusError): boolean =>
  status === 404 && /^namespaces? "[^"]*" not found/.test(message);

const namespaceGone = (message: string, cause: unknown) =>
  new PlatformError('cluster_rejected', message, {
    cause,
    hint: 'Someone deleted the namespace. Retry the store: it gets a new one.',
  });

const networkCodes =
  /^(ECONN|EPIPE|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EAI_|ERR_TLS|ERR_SSL|ERR_STREAM|HPE_|DEPTH_ZERO|UNABLE_TO|SELF_SIGNED|CERT_)/;

/** Sockets, TLS and time-outs: the answer is unknown, the server may be back in a moment. */
export const isNetworkError = (error: unknown): error is Error =>
  error instanceof Error &&
  (error.name === 'TimeoutError' ||
    ('code' in error && networkCodes.test(String(error.code))) ||
    /socket hang up|aborted by the server/.test(error.message));

/** Somebody else may answer at that address, or the kubeconfig is older than the cluster's certificate. */
export const isCertificateError = (error: unknown): error is Error =>
  error instanceof Error &&
  'code' in error &&
  /^(DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|CERT_|ERR_TLS_CERT)/.test(String(error.code));
