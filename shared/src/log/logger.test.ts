import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';

/** What a logger would write, line by line. */
const written = (log: (logger: ReturnType<typeof createLogger>) => void): string => {
  const lines: string[] = [];
  const logger = createLogger({ name: 'test', destination: { write: (line) => void lines.push(line) } });
  log(logger);
  return lines.join('');
};

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

describe('a log line', () => {
  it.each(secretFields)('never holds what is called %s, at any of its depths', (field) => {
    const secret = { [field]: 's3cret', shop: 'My Shop' };
    const line = written((logger) => {
      logger.info(secret, 'a');
      logger.info({ config: secret }, 'b');
      logger.info({ req: { headers: secret } }, 'c');
      logger.info({ err: Object.assign(new Error('x'), { config: { headers: secret } }) }, 'd');
      logger.child(secret).info('e');
      logger.child({ config: secret }).info('f');
    });
    expect(line).not.toContain('s3cret');
    expect(line.split('[secret]')).toHaveLength(7);
    expect(line.split('My Shop')).toHaveLength(7);
  });

  it('never holds the password of an address that an error speaks of', () => {
    const failure = new Error('connect postgresql://me:s3cret@db:5432/x refused, and redis://:s3cret@r too');
    const line = written((logger) =>
      logger.warn({ err: new Error('outer s://u:s3cret@h', { cause: failure }) }, 'x'),
    );
    expect(line).not.toContain('s3cret');
    expect(line).toContain('@db:5432/x refused');
  });

  it('never holds the command that a Redis refused, which may be the login', () => {
    const refused = Object.assign(new Error('WRONGPASS'), { command: { name: 'auth', args: ['s3cret'] } });
    expect(written((logger) => logger.warn({ err: refused }, 'x'))).not.toContain('s3cret');
  });

  it('takes what is thrown and is no error as it is', () => {
    expect(written((logger) => logger.warn({ err: 'a word' }, 'x'))).toContain('"err":"a word"');
  });

  it('is one JSON object with its time and its process', () => {
    const line = written((logger) => logger.info({ storeId: 'store-aaaaaaaa' }, 'Ready'));
    expect(JSON.parse(line)).toMatchObject({
      name: 'test',
      storeId: 'store-aaaaaaaa',
      msg: 'Ready',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
  });

  it('is not written below its level', () => {
    expect(written((logger) => logger.debug('x'))).toBe('');
  });
});
