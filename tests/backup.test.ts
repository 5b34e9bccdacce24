import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Settings } from '@store-platform/shared/config/settings';
import { until } from '@store-platform/shared/testing/until';
import { expectToSell } from './expect-to-sell.ts';
import { createStoreOver, followTo, startPlatform, usePlatformFolder } from './start-platform.ts';
import { visitShop } from './visit-shop.ts';

const program = fileURLToPath(new URL('../services/launcher/src/backup/main.ts', import.meta.url));
const noSettings = Object.fromEntries(Object.keys(Settings.shape).map((name) => [name, '']));

/** As `npm run backup` and `npm run restore` do it. @returns what it said. */
const run = async (command: 'backup' | 'restore', file: string, settings: Record<string, string>) => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=source', '--import=tsx', program, command, file],
    { env: { PATH: process.env['PATH'], TMPDIR: process.env['TMPDIR'], ...noSettings, ...settings } },
  );
  return stdout;
};

describe('a backup of a platform that runs', () => {
  it('holds its shops: restored elsewhere they sell, and what was being made is made to its end', async () => {
    const [folder, elsewhere] = [await usePlatformFolder(), join(await usePlatformFolder(), 'data')];
    const file = join(elsewhere, '..', 'backup');
    const platform = await startPlatform(folder, { EMULATOR_READY_AFTER_MS: '1000' });
    const ready = await createStoreOver(platform.api, 'Tea & Co');
    const { url } = await followTo(platform.api, ready, 'ready');
    const half = await createStoreOver(platform.api, 'My Shop');
    expect(await run('backup', file, { DATA_DIR: folder })).toMatch(/^ {2}stores +2$/m);
    await expect(run('restore', file, { DATA_DIR: folder })).rejects.toMatchObject({
      stderr: expect.stringContaining(`The platform runs on ${folder}`),
    });
    await expect(run('backup', `${file}2`, { DATABASE_URL: 'postgresql://db/x' })).rejects.toMatchObject({
      stderr: expect.stringContaining('back it up by its own tools'),
    });
    await platform.interrupt();

    expect(await run('restore', file, { DATA_DIR: elsewhere })).toMatch(
      /^The emulated cluster with its shops/m,
    );
    const again = await startPlatform(elsewhere);
    await followTo(again.api, half, 'ready');
    const shop = await until(
      'the shop is open again',
      async () => {
        const { status, body } = await visitShop(url, again.ingressPort).get('/shop/');
        return status === 200 ? body : undefined;
      },
      { timeoutMs: 60_000, everyMs: 200 },
    );
    expectToSell(shop);
    await again.interrupt();
  });
});
