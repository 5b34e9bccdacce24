import { ConfigError } from './config-error.ts';

/**
 * Start-up ends with one list of all faults: those of the settings, and those of what they name (a database that
 * doesn't answer, a context that no kubeconfig knows). So every check is made, whatever the others found.
 * @returns what the first check returns.
 * @throws ConfigError with the faults of all; anything else that a check throws, as it is, when no check found a fault.
 */
export const orAllFaults = async <T>(
  read: () => T | Promise<T>,
  ...checks: readonly (() => unknown)[]
): Promise<T> => {
  const [config, ...others] = await Promise.allSettled([attempt(read), ...checks.map(attempt)]);
  const errors: unknown[] = [config, ...others].flatMap((result) =>
    result.status === 'rejected' ? [result.reason] : [],
  );
  const faults = errors.flatMap((error) => (error instanceof ConfigError ? error.faults : []));
  if (faults.length > 0) throw new ConfigError(faults);
  if (config.status === 'rejected') throw config.reason;
  if (errors.length > 0) throw errors[0];
  return config.value;
};

/** Also what throws before its first `await` is a rejection. */
const attempt = async <T>(check: () => T | Promise<T>): Promise<T> => check();
