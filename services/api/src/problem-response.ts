import type { ErrorRequestHandler, Response } from 'express';
import { PlatformError, problems, type Problem } from '@store-platform/shared/contract/problem';
import type { Logger } from '@store-platform/shared/log/logger';
import { InvalidInputError } from './parse-input.ts';

/** Every error leaves here: as a problem with code, sentence and hint, never with a stack. */
export const answerProblems =
  (logger: Logger): ErrorRequestHandler =>
  (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const known = toPlatformError(error);
    if (known.code === 'internal')
      logger.error({ err: error, method: request.method, path: request.path }, 'A request met a fault');
    return sendProblem(response, known);
  };

const sendProblem = (response: Response, error: PlatformError): void => {
  const { status, title } = problems[error.code];
  const problem: Problem = {
    type: `/api/docs#${error.code}`,
    title,
    status,
    code: error.code,
    detail: error.message,
    hint: error.hint,
    ...(error instanceof InvalidInputError && { errors: [...error.errors] }),
  };
  if (error.retryAfterSeconds !== undefined) response.set('Retry-After', String(error.retryAfterSeconds));
  if (error.code === 'unauthenticated') response.set('WWW-Authenticate', 'Bearer');
  response.set('Cache-Control', 'no-store');
  response.status(status).type('application/problem+json').send(JSON.stringify(problem));
};

/** Express and its body parser say what is wrong by `type` and `status`. */
const toPlatformError = (error: unknown): PlatformError => {
  if (error instanceof PlatformError) return error;
  if (error instanceof URIError) {
    return new PlatformError('not_found', 'The address is not encoded as addresses are.');
  }
  const { type, status } = describe(error);
  if (type === 'entity.too.large')
    return new PlatformError('body_too_large', 'The body has more than 16 kB.');
  if (type === 'entity.parse.failed')
    return new PlatformError('malformed_json', 'The body could not be read as JSON.');
  if (type === 'encoding.unsupported' || type === 'charset.unsupported') {
    return new PlatformError(
      'unsupported_media_type',
      'The body must be UTF-8, plain or compressed with gzip, deflate or br.',
    );
  }
  if (status !== undefined && status >= 400 && status < 500) {
    return new PlatformError('malformed_json', 'The request could not be read.');
  }
  return new PlatformError('internal', 'Something unexpected happened.', { cause: error });
};

const describe = (error: unknown): { type: string | undefined; status: number | undefined } => {
  if (typeof error !== 'object' || error === null) return { type: undefined, status: undefined };
  return {
    type: 'type' in error && typeof error.type === 'string' ? error.type : undefined,
    status: 'status' in error && typeof error.status === 'number' ? error.status : undefined,
  };
};
