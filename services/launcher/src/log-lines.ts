import { prettyFactory } from 'pino-pretty';
import { z } from 'zod';

export interface LogLines {
  /** A line of a service's: JSON becomes time, process, level where it matters, and message; other text stays. */
  ofService(service: string, line: string): string;
  /** A sentence of the launcher's own about a service. */
  about(service: string, sentence: string): string;
}

const warnLevel = 40;
const nameWidth = 9;
const JsonLine = z.record(z.string(), z.unknown());

/** One tidy log out of many processes. */
export const createLogLines = ({ colour }: { colour: boolean }): LogLines => {
  const pretty = prettyFactory({
    colorize: colour,
    ignore: 'pid,hostname,name,service,level,time',
    singleLine: true,
    messageFormat: (log, key) => {
      const level = Number(log['level']);
      const mark = level >= 50 ? '✖ ' : level >= warnLevel ? '⚠ ' : '';
      return `${clock(log['time'])}  ${text(log['service']).padEnd(nameWidth)} ${mark}${text(log[key])}`;
    },
  });
  const format = (entry: object): string => pretty(entry).replace(/\n+$/, '');
  return {
    ofService: (service, line) => {
      const entry = parse(line);
      return entry
        ? format({ ...entry, service })
        : format({ level: 30, time: Date.now(), service, msg: line });
    },
    about: (service, sentence) => format({ level: warnLevel, time: Date.now(), service, msg: sentence }),
  };
};

/** HH:MM:SS, of this machine's time zone. */
const clock = (time: unknown): string =>
  typeof time === 'string' || typeof time === 'number' ? new Date(time).toTimeString().slice(0, 8) : '';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const parse = (line: string): Record<string, unknown> | undefined => {
  if (!line.startsWith('{')) return undefined;
  try {
    return JsonLine.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
};
