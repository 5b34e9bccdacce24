import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for one platform's data, which PostgreSQL's own user may enter. */
export const makePlatformFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'store-platform-test-'));
  await chmod(folder, 0o755);
  return folder;
};
