import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { withDotEnv } from './with-dot-env.ts';

const useFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'dot-env-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

it('what .env says is added, and what is set already wins', async () => {
  const folder = await useFolder();
  await writeFile(join(folder, '.env'), '# shops\nPORT=4000\nHOST="localhost"\nLOG_LEVEL=debug\n');
  expect(withDotEnv({ PORT: '5000' }, folder)).toEqual({
    PORT: '5000',
    HOST: 'localhost',
    LOG_LEVEL: 'debug',
  });
});

it('no .env is no fault', async () => {
  expect(withDotEnv({ PORT: '5000' }, await useFolder())).toEqual({ PORT: '5000' });
});
