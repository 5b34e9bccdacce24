import { spawn } from 'node:child_process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../testing/until.ts';

const folder = new URL('..', import.meta.url).href;

/** A process whose service is this text of a function; `say` writes a line, `alive` keeps it running. */
const useService = (start: string) => {
  const program = `
    import { runService } from '${folder}process/run-service.ts';
    import { ConfigError } from '${folder}config/config-error.ts';
    import { PlatformError } from '${folder}contract/problem.ts';
    const say = (line) => process.stdout.write(line + '\\n');
    const alive = setInterval(() => {}, 1000);
    await runService('shopkeeper', ${start});
  `;
  const args = ['--conditions=source', '--import=tsx', '--input-type=module', '--eval', program];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const heard = { out: '', error: '', ready: false, code: undefined as number | null | undefined };
  child.stdout?.on('data', (chunk: Buffer) => (heard.out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (heard.error += chunk.toString()));
  child.on('message', () => (heard.ready = true));
  child.on('exit', (code) => (heard.code = code));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await until('it is gone', () => heard.code !== undefined);
  });
  const saying = (line: string) => until(`it says "${line}"`, () => heard.out.includes(line));
  return {
    child,
    heard,
    saying,
    ready: () =>
      until(
        'it is ready',
        () => heard.ready || (heard.code !== undefined && Promise.reject(new Error(heard.error))),
      ),
    ended: async () => {
      await until('it ended', () => heard.code !== undefined);
      return { code: heard.code, error: heard.error };
    },
  };
};

/** Its drain takes until a message comes. */
const draining = `async () => ({
  stop: () => new Promise((resolve) => {
    say('draining');
    process.on('SIGINT', () => say('another signal'));
    process.once('message', () => { say('drained'); resolve(); });
  }),
})`;

describe('a service’s process', () => {
  it('drains on SIGTERM, whatever signals follow, and ends well', async () => {
    const service = useService(draining);
    await service.ready();
    service.child.kill('SIGTERM');
    await service.saying('draining');
    service.child.kill('SIGINT');
    await service.saying('another signal');
    service.child.send('done');
    expect(await service.ended()).toEqual({ code: 0, error: '' });
    expect(service.heard.out).toBe('draining\nanother signal\ndrained\n');
  });

  it('stops when whoever started it is gone', async () => {
    const service = useService(`async () => ({ stop: async () => say('stopped') })`);
    await service.ready();
    service.child.disconnect();
    expect(await service.ended()).toMatchObject({ code: 0 });
    expect(service.heard.out).toBe('stopped\n');
  });

  it('can be stopped while it starts', async () => {
    const service = useService(`() => { say('starting'); return new Promise(() => {}); }`);
    await service.saying('starting');
    service.child.kill('SIGTERM');
    expect(await service.ended()).toEqual({ code: 0, error: '' });
    expect(service.heard.ready).toBe(false);
  });

  it('that can’t go on says why, drains and ends badly', async () => {
    const service = useService(
      `async ({ fail }) => {
      process.once('message', () => fail(new PlatformError('queue_away', 'The queue is gone.', { hint: 'Look.' })));
      return { stop: async () => say('stopped') };
    }`,
    );
    await service.ready();
    service.child.send('break');
    expect(await service.ended()).toEqual({ code: 1, error: 'shopkeeper: The queue is gone. Look.\n' });
    expect(service.heard.out).toBe('stopped\n');
  });

  it('whose drain fails says why and ends badly', async () => {
    const service = useService(
      `async () => ({ stop: async () => { throw new ConfigError(['no drain']); } })`,
    );
    await service.ready();
    service.child.kill('SIGTERM');
    expect(await service.ended()).toMatchObject({ code: 1, error: expect.stringContaining('no drain') });
  });

  it('lists the faults of its settings, without a stack', async () => {
    const service = useService(`() => { throw new ConfigError(['PORT is "x"', 'HOST is "y"']); }`);
    expect(await service.ended()).toEqual({
      code: 1,
      error: 'shopkeeper: The settings are not usable:\n  - PORT is "x"\n  - HOST is "y"\n',
    });
  });
});
