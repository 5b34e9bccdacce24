import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { findPostgresBinaries } from './binaries.ts';
import { discardEmbeddedPostgres, moveEmbeddedPostgres } from './move-embedded-postgres.ts';
import { choosePostgresHome } from './postgres-user.ts';

/** A folder as a server left it that was stopped: where root runs it and `mode` shuts its user out, half of it lies outside. */
const useStopped = async (mode: number) => {
  const scratch = await mkdtemp(join(tmpdir(), 'store-platform-test-'));
  await chmod(scratch, mode);
  onTestFinished(() => rm(scratch, { recursive: true, force: true }));
  const [from, to] = [join(scratch, 'from'), join(scratch, 'to')];
  for (const folder of [from, to]) {
    await mkdir(folder);
    onTestFinished(() => discardEmbeddedPostgres(folder));
  }
  await writeFile(join(from, 'postgres-password'), 'secret');
  const dataOf = async (folder: string) =>
    (await choosePostgresHome(folder, await findPostgresBinaries())).data;
  await mkdir(await dataOf(from), { recursive: true });
  await writeFile(join(await dataOf(from), 'marker'), '');
  return { scratch, from, to, dataOf };
};

it.each([0o755, 0o700])('a stopped server takes the place of an empty folder (mode %o)', async (mode) => {
  const { scratch, from, to, dataOf } = await useStopped(mode);
  const before = await dataOf(from);
  await moveEmbeddedPostgres(from, to);
  expect(await readdir(scratch)).toEqual(['to']);
  expect(await readdir(await dataOf(to))).toEqual(['marker']);
  expect(existsSync(dirname(before)) && dirname(before) !== from).toBe(false);
});

it.each([0o755, 0o700])('a place that was taken meanwhile stays as it is (mode %o)', async (mode) => {
  const { from, to, dataOf } = await useStopped(mode);
  await writeFile(join(to, 'mine'), '');
  await expect(moveEmbeddedPostgres(from, to)).rejects.toMatchObject({ code: 'ENOTEMPTY' });
  expect(await readdir(to)).toEqual(['mine']);
  expect(existsSync(await dataOf(to))).toBe(false);
});
