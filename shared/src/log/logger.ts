import { pino, stdSerializers, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';

export type { Logger };

export interface LoggerOptions {
  /** The process, as people see it in the log. */
  name: string;
  level?: string;
  /** Unset: stdout. */
  destination?: DestinationStream;
}

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
  'connectionString',
];
const depths = ['', '*.', '*.*.', '*.*.*.'];

/** JSON lines; the launcher makes them readable. */
export const createLogger = ({ name, level = 'info', destination }: LoggerOptions): Logger =>
  pino(
    {
      name,
      level,
      timestamp: stdTimeFunctions.isoTime,
      serializers: { err: describeError },
      redact: {
        paths: [
          ...secretFields.flatMap((field) => depths.map((depth) => atDepth(depth, field))),
          // ioredis tells with an error which command failed, also when that was AUTH with its password.
          'err.command.args',
        ],
        censor: '[secret]',
      },
    },
    destination ?? pino.destination(1),
  );

const atDepth = (depth: string, field: string): string => `${depth.replace(/\.$/, '')}["${field}"]`;

/** Errors of drivers may quote the address that they were given, with its password. */
const describeError = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error;
  const told = stdSerializers.err(error);
  return { ...told, message: mask(told.message), stack: mask(told.stack) };
};

const mask = (text: string): string => text.replaceAll(/:\/\/[^\s/@:]*:[^\s/@]*@/g, '://[secret]@');
