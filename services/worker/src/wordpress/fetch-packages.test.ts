import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { describeWithProgram } from '@store-platform/shared/testing/describe-with-program';
import { listenOnLoopback } from '@store-platform/shared/testing/listen-on-loopback';

const script = fileURLToPath(new URL('../../recipe/fetch-packages.sh', import.meta.url));
const archive = 'not really an archive';
const checksum = createHash('sha256').update(archive).digest('hex');

const setUp = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fetch-packages-'));
  const [tools, content] = [join(folder, 'tools'), join(folder, 'content')];
  for (const each of [tools, content]) mkdirSync(each);
  const asked: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    response.writeHead(url === '/there.zip' ? 200 : 404).end(archive);
  });
  const address = `http://127.0.0.1:${await listenOnLoopback(server)}`;
  const fetchPackages = (...words: string[]) => promisify(execFile)('sh', [script, tools, content, ...words]);
  return { tools, content, asked, address, fetchPackages };
};

describeWithProgram('curl', 'the script that fetches archives', () => {
  it('brings each archive whose checksum is right, or that has none', async () => {
    const { tools, address, fetchPackages } = await setUp();
    const url = `${address}/there.zip`;
    await fetchPackages('plugins/woocommerce', url, checksum, 'themes/storefront', url, '');
    expect(readFileSync(join(tools, 'woocommerce.zip'), 'utf8')).toBe(archive);
    expect(existsSync(join(tools, 'storefront.zip'))).toBe(true);
  });

  it('says last of all which archive has another checksum', async () => {
    const { address, fetchPackages } = await setUp();
    const url = `${address}/there.zip`;
    await expect(fetchPackages('plugins/woocommerce', url, 'f00d')).rejects.toMatchObject({
      stderr: `The archive at ${url} has the checksum ${checksum}, not f00d.\n`,
    });
  });

  it('says last of all which address it could not fetch, and why', async () => {
    const { address, fetchPackages } = await setUp();
    const url = `${address}/missing.zip`;
    await expect(fetchPackages('plugins/woocommerce', url, '')).rejects.toMatchObject({
      stderr: expect.stringMatching(new RegExp(`^Could not fetch ${url}: curl: .*404\\n$`)),
    });
  });

  it('asks for nothing that WordPress has already', async () => {
    const { content, asked, address, fetchPackages } = await setUp();
    mkdirSync(join(content, 'plugins/woocommerce'), { recursive: true });
    await fetchPackages('plugins/woocommerce', `${address}/missing.zip`, 'f00d');
    expect(asked).toEqual([]);
  });
});
