import { createServer } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listenOnLoopback } from '@store-platform/shared/testing/listen-on-loopback';
import { runPlatform } from './run-platform.ts';
import { startPlatform, usePlatformFolder } from './start-platform.ts';

/** @returns what a start says that ends with exit code 1. */
const refusal = async (
  environment: Readonly<Record<string, string>>,
  { folder, nodeArgs }: { folder?: string; nodeArgs?: readonly string[] } = {},
): Promise<string> => {
  const platform = await runPlatform(folder ?? (await usePlatformFolder()), environment, nodeArgs);
  onTestFinished(platform.kill);
  expect(await platform.ended()).toBe(1);
  return platform.output().trim();
};

describe('npm start ends with a sentence', () => {
  it('that lists every setting that is wrong, and what it should be', async () => {
    const said = await refusal({
      PORT: 'abc',
      STORE_PROFILE: 'newest',
      HOST: '0.0.0.0',
      DATABASE_URL: 'mysql://root:s3cret@db',
    });
    expect(said.split('\n').map((line) => line.trim())).toEqual([
      'The settings are not usable:',
      '- PORT is "abc" but must be a port number from 1 to 65535',
      '- DATABASE_URL must be an address that begins with postgres:// or postgresql://',
      '- STORE_PROFILE is "newest" but must be spec or current',
      '- HOST is "0.0.0.0", which others can reach: set API_TOKEN too, or leave HOST at 127.0.0.1',
    ]);
  });

  it('when a port is taken', async () => {
    const port = String(await listenOnLoopback(createServer()));
    expect(await refusal({ DASHBOARD_PORT: port })).toMatch(
      new RegExp(`^Port ${port}, which the dashboard needs, is taken: .*set DASHBOARD_PORT to another port`),
    );
  });

  it('when its data folder is not writable', async () => {
    const file = join(await usePlatformFolder(), 'file');
    await writeFile(file, '');
    expect(await refusal({ DATA_DIR: join(file, 'data') })).toMatch(
      /^The data folder .*\/file\/data is not writable: .*set DATA_DIR to another folder\.$/,
    );
  });

  it('when another one uses its data folder, which goes on', async () => {
    const folder = await usePlatformFolder();
    const first = await startPlatform(folder);
    expect(await refusal({ DATA_DIR: folder })).toContain('Another `npm start`');
    expect((await fetch(`${first.api}/health`)).status).toBe(200);
  });

  it('when Node is too old', async () => {
    const old = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.18.3'})`;
    expect(await refusal({}, { nodeArgs: ['--import', old] })).toBe(
      'Node 20.18.3 is too old: Store Platform needs 20.19 or newer.',
    );
  });
});
