import { pino, stdSerializers, stdTimeFunctions, type Logger } from 'pino';

export type { Logger };

/** Whatever carries one of these names is never written, at any of the depths that our log lines have. */
const secretFields = [
  'authorization',
  'cookie',
  'set-cookie',
  'password',
  'token',
  'apiToken',
  'databaseUrl',
  'redisUrl',
];

/**
 * JSON lines on stdout; the launcher makes them readable.
 * @param options.name the process, as people see it in the log.
 */
export const createLogger = ({ name, level = 'info' }: { name: string; level?: string }): Logger =>
  pino({
    name,
    level,
    timestamp: stdTimeFunctions.isoTime,
    serializers: { err: stdSerializers.err },
    redact: {
      paths: secretFields.flatMap((field) => [`["${field}"]`, `*["${field}"]`, `*.*["${field}"]`]),
      censor: '[secret]',
    },
  });
