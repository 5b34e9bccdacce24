import { wordsOf } from '@store-platform/shared/text/words-of';

/** Why an archive can't be had: what happened, in a sentence, and what to do. */
export class PackageError extends Error {
  override readonly name = 'PackageError';
  readonly hint: string;
  /** Whether trying again at once may help: the way there was cut. */
  readonly isPassing: boolean;

  constructor(message: string, options: { hint?: string; isPassing?: boolean; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.hint = options.hint ?? folderHint;
    this.isPassing = options.isPassing ?? false;
  }
}

const folderHint = 'Put the archives into a folder and name it in STORE_PACKAGES: then nothing is fetched.';

/** The system's code of an error, or of what it was caused by, e.g. `ENOTFOUND`. */
export const codeOf = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.cause === error ? undefined : codeOf(error.cause);
};

/** What a person is told of a way that was closed or cut. @param url which was asked */
export const unreachable = (url: string, error: unknown): PackageError => {
  const { host } = new URL(url);
  const code = codeOf(error);
  const why = (code !== undefined && reasons[code]) || wordsOf(error);
  return new PackageError(`${host} cannot be reached (${why}).`, {
    hint: `Check the internet connection. Or do without it: ${folderHint}`,
    isPassing: true,
    cause: error,
  });
};

const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name cannot be resolved',
  EAI_AGAIN: 'its name cannot be resolved',
  ECONNREFUSED: 'it refuses the connection',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  ETIMEDOUT: 'it does not answer',
  ENETUNREACH: 'there is no way to it',
  EHOSTUNREACH: 'there is no way to it',
};

/** @returns what a failed write means for a person; undefined when the file system is not at fault */
export const fileTrouble = (error: unknown, folder: string): PackageError | undefined => {
  const code = codeOf(error) ?? '';
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new PackageError(`There is no room left on the disk of ${folder}.`, {
      hint: 'Free some 150 MB there, or set DATA_DIR to a folder with more room.',
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new PackageError(`Nothing can be written to ${folder}.`, {
      hint: 'Give this user the right to write there, or set DATA_DIR to another folder.',
      cause: error,
    });
  }
  return undefined;
};
