import { createServer, type ListenOptions } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConfigError } from '../config/config-error.ts';
import { PlatformError } from '../contract/problem.ts';
import { sentenceOf } from './sentence-of.ts';

const listen = (options: ListenOptions) => {
  const server = createServer();
  onTestFinished(() => void server.close());
  return new Promise<unknown>((resolve) => {
    server.once('error', resolve);
    server.listen(options, () => resolve(server.address()));
  });
};

describe('a process that ends says', () => {
  it('all faults of its settings, without a stack', () => {
    expect(sentenceOf(new ConfigError(['PORT is "x"', 'HOST is "y"']))).toBe(
      'The settings are not usable:\n  - PORT is "x"\n  - HOST is "y"',
    );
  });

  it('what happened and what to do, without a stack', () => {
    const error = new PlatformError('queue_away', 'The queue is gone.', { hint: 'Look.' });
    expect(sentenceOf(error)).toBe('The queue is gone. Look.');
  });

  it('which port is taken', async () => {
    const address = await listen({ port: 0, host: '127.0.0.1' });
    const { port } = Object.assign({ port: 0 }, address);
    expect(sentenceOf(await listen({ port, host: '127.0.0.1' }))).toBe(
      `Port ${port} is taken: stop what listens there, or set another port.`,
    );
  });

  it('which port is for the superuser alone', () => {
    const error = Object.assign(new Error('listen EACCES'), { code: 'EACCES', syscall: 'listen', port: 80 });
    expect(sentenceOf(error)).toBe('Port 80 is not for this user: set a port above 1023.');
  });

  it('which HOST is not its own', async () => {
    expect(sentenceOf(await listen({ port: 0, host: '203.0.113.1' }))).toBe(
      'HOST is "203.0.113.1", which is no address of this machine.',
    );
  });

  it('the whole of what nobody expected', () => {
    expect(sentenceOf(new TypeError('a bug'))).toMatch(/^TypeError: a bug\n\s+at /);
    expect(sentenceOf('no error at all')).toBe('no error at all');
  });
});
