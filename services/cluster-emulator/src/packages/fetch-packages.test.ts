import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '@store-platform/shared/process/free-port';
import { until } from '@store-platform/shared/testing/until';
import { describe, expect, it } from 'vitest';
import { archiveOf, startFakeWordpressOrg, type FakeWordpressOrg } from '../testing/fake-wordpress-org.ts';
import { makeTestFolder } from '../testing/test-cluster.ts';
import { fetchPackages, type FetchTiming } from './fetch-packages.ts';
import { packageNames, type WantedPackages } from './known-packages.ts';

const fast: FetchTiming = { lookMs: 20_000, silenceMs: 20_000, pauseMs: 1, staleLockMs: 5000 };

const setUp = async () => {
  const folder = join(await makeTestFolder(), 'packages');
  const there = await startFakeWordpressOrg();
  const told: string[] = [];
  const ask = (
    wanted: WantedPackages = there.wanted,
    timing: Partial<FetchTiming> = {},
    ending = new AbortController(),
  ) =>
    fetchPackages({
      wanted,
      folder,
      timing: { ...fast, ...timing },
      signal: ending.signal,
      tell: (message) => void told.push(message),
    });
  return { folder, there, told, ask };
};

const gets = ({ asked }: FakeWordpressOrg) =>
  asked.filter((what) => what.startsWith('GET') && !what.includes('.sha1'));
/** A difference of so many bytes says nothing to people. */
const isWhole = async (file: string, content: Buffer | undefined) => content?.equals(await readFile(file));
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');

describe('the archives of a profile', () => {
  it('are brought once, whole and under their names, and nobody is asked again', async () => {
    const { folder, there, told, ask } = await setUp();
    const paths = await ask();
    expect((await readdir(folder)).toSorted()).toEqual([
      'sqlite-database-integration.3.0.2.zip',
      'storefront.4.6.2.zip',
      'woocommerce.9.1.2.zip',
      'wordpress.6.4.5.zip',
    ]);
    for (const name of packageNames)
      expect(await isWhole(paths[name], there.files.get(`/${name}.zip`))).toBe(true);
    expect(told[0]).toBe('WordPress 6.4.5 is being fetched: 0 of 0 MB');
    there.asked.length = 0;
    there.status = 500;
    expect(await ask()).toEqual(paths);
    expect(there.asked).toEqual([]);
  });

  it('say how far they are, in steps that are worth reading', async () => {
    const { there, told, ask } = await setUp();
    there.files.set('/woocommerce.zip', archiveOf('woocommerce', '9.1.2', 6_000_000));
    await ask();
    const ofOne = told.filter((message) => message.startsWith('WooCommerce'));
    expect(ofOne[0]).toBe('WooCommerce 9.1.2 is being fetched: 0 of 6 MB');
    expect(ofOne.some((message) => /: [1-6] of 6 MB$/.test(message))).toBe(true);
    expect(ofOne.length).toBeLessThan(13);
  });

  it('are checked again at each start: one that was damaged meanwhile is brought anew', async () => {
    const { there, ask } = await setUp();
    const { woocommerce } = await ask();
    await writeFile(woocommerce, 'damaged');
    there.asked.length = 0;
    await ask();
    expect(gets(there)).toEqual(['GET /woocommerce.zip']);
    expect(await isWhole(woocommerce, there.files.get('/woocommerce.zip'))).toBe(true);
  });
});

describe('a fetch that is cut', () => {
  const whole = ({ files }: FakeWordpressOrg) => files.get('/wordpress.zip') ?? Buffer.alloc(0);

  /** A fetch whose first archive is here by its half. */
  const holdAtHalf = async () => {
    const used = await setUp();
    used.there.isHeld = true;
    const ending = new AbortController();
    const asking = used.ask(used.there.wanted, { pauseMs: 50 }, ending);
    asking.catch(() => undefined);
    const half = Math.floor(whole(used.there).length / 2);
    const part = join(used.folder, 'wordpress.6.4.5.zip.part');
    await until('a half is there', () => existsSync(part) && statSync(part).size === half);
    return { ...used, half, asking, ending };
  };

  it('goes on where it was', async () => {
    const { there, half, asking } = await holdAtHalf();
    there.cutHeld();
    there.isHeld = false;
    expect(await isWhole((await asking).wordpress, whole(there))).toBe(true);
    expect(gets(there).slice(0, 2)).toEqual(['GET /wordpress.zip', `GET /wordpress.zip bytes=${half}-: 206`]);
  });

  it('begins anew where the other side gives no parts', async () => {
    const { there, asking } = await holdAtHalf();
    there.honoursRange = false;
    there.cutHeld();
    there.isHeld = false;
    expect(await isWhole((await asking).wordpress, whole(there))).toBe(true);
  });

  it('begins anew when the file has become another one meanwhile', async () => {
    const { there, asking } = await holdAtHalf();
    there.files.set('/wordpress.zip', archiveOf('wordpress', '6.4.5', 15_000));
    there.cutHeld();
    there.isHeld = false;
    expect(await isWhole((await asking).wordpress, whole(there))).toBe(true);
  });

  it('by the end of its process is gone on with by the next one', async () => {
    const { there, half, asking, ending, ask } = await holdAtHalf();
    ending.abort(new Error('stopped'));
    await expect(asking).rejects.toThrow('stopped');
    there.isHeld = false;
    there.asked.length = 0;
    const { wordpress } = await ask();
    expect(gets(there)[0]).toBe(`GET /wordpress.zip bytes=${half}-: 206`);
    expect(await isWhole(wordpress, whole(there))).toBe(true);
  });

  it('at the same place again and again is given up, also where all comes anew each time', async () => {
    const { there, ask } = await setUp();
    Object.assign(there, { isHeld: true, honoursRange: false });
    await expect(ask(there.wanted, { silenceMs: 200 })).rejects.toThrow('it says nothing for 0.2 s');
    expect(gets(there)).toHaveLength(4);
  });

  it('three times without a byte is given up', async () => {
    const { there, ask } = await setUp();
    there.cuts = 3;
    await expect(ask()).rejects.toThrow(/^127\.0\.0\.1:\d+ cannot be reached \(the connection was cut\)\.$/);
    expect(gets(there)).toHaveLength(3);
    await ask();
  });
});

describe('archives that are not what they should be', () => {
  const refusal = async (ask: () => Promise<unknown>) => {
    const error = await ask().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return error instanceof Error ? error.message : '';
  };

  it('are refused by a pinned checksum, and not kept', async () => {
    const { folder, there, ask } = await setUp();
    const { woocommerce } = there.wanted;
    const pinned = { ...there.wanted, woocommerce: { ...woocommerce, sha256: '0'.repeat(64) } };
    const is = sha256(there.files.get('/woocommerce.zip') ?? Buffer.alloc(0));
    expect(await refusal(() => ask(pinned))).toBe(
      `The archive at ${woocommerce.url} has the checksum ${is}, not ${'0'.repeat(64)}.`,
    );
    expect(await readdir(folder)).toEqual(['wordpress.6.4.5.zip']);
    await ask({ ...there.wanted, woocommerce: { ...woocommerce, sha256: is } });
  });

  it('are refused by the checksum that lies beside WordPress, when it answers', async () => {
    const { there, ask } = await setUp();
    there.files.set('/wordpress.zip.sha1', Buffer.from('0'.repeat(40)));
    expect(await refusal(ask)).toContain(`not ${'0'.repeat(40)}.`);
    const content = there.files.get('/wordpress.zip') ?? Buffer.alloc(0);
    there.files.set('/wordpress.zip.sha1', Buffer.from(createHash('sha1').update(content).digest('hex')));
    await ask();
  });

  it('are refused by the version inside, or when something else is inside', async () => {
    const { there, ask } = await setUp();
    const at = there.wanted.woocommerce.url;
    there.files.set('/woocommerce.zip', archiveOf('woocommerce', '9.1.1'));
    expect(await refusal(ask)).toBe(`The archive at ${at} is WooCommerce 9.1.1, not WooCommerce 9.1.2.`);
    there.files.set('/woocommerce.zip', archiveOf('storefront'));
    expect(await refusal(ask)).toBe(`The archive at ${at} is Storefront 4.6.2, not WooCommerce 9.1.2.`);
    there.files.set('/woocommerce.zip', Buffer.from('<html>Sign in to this network</html>'));
    expect(await refusal(ask)).toMatch(/is no whole zip archive/);
  });
});

describe('archives that cannot be had', () => {
  it('because they are not there: nothing is begun', async () => {
    const { there, told, ask } = await setUp();
    there.files.delete('/sqlite.zip');
    await expect(ask()).rejects.toMatchObject({
      message: `There is nothing at ${there.wanted.sqlite.url} (404).`,
      hint: expect.stringContaining('STORE_PACKAGES'),
    });
    expect([gets(there), told]).toEqual([[], []]);
  });

  it('because the other side has a fault', async () => {
    const { there, ask } = await setUp();
    there.status = 503;
    await expect(ask()).rejects.toThrow(/was answered with 503\.$/);
  });

  it('because nobody is there', async () => {
    const { there, ask } = await setUp();
    const port = await freePort();
    const nobody = { ...there.wanted.wordpress, url: `http://127.0.0.1:${port}/wordpress.zip` };
    await expect(ask({ ...there.wanted, wordpress: nobody })).rejects.toMatchObject({
      message: `127.0.0.1:${port} cannot be reached (it refuses the connection).`,
      hint: expect.stringContaining('internet connection'),
    });
  });

  it('because nothing is answered: that is known in its time', async () => {
    const { there, ask } = await setUp();
    there.isSilent = true;
    await expect(ask(there.wanted, { lookMs: 50 })).rejects.toThrow(/\(it says nothing for 0\.05 s\)\.$/);
  });

  it('because they come no further', async () => {
    const { there, ask } = await setUp();
    there.isHeld = true;
    await expect(ask(there.wanted, { silenceMs: 50 })).rejects.toThrow(/\(it says nothing for 0\.05 s\)\.$/);
  });

  it.skipIf(!existsSync('/dev/full'))('because the disk is full', async () => {
    const { folder, ask } = await setUp();
    await mkdir(folder);
    await symlink('/dev/full', join(folder, 'wordpress.6.4.5.zip.part'));
    await expect(ask()).rejects.toMatchObject({
      message: `There is no room left on the disk of ${folder}.`,
      hint: expect.stringContaining('DATA_DIR'),
    });
  });

  it('because the folder is none', async () => {
    const { folder, ask } = await setUp();
    await writeFile(folder, '');
    await expect(ask()).rejects.toThrow('EEXIST');
  });
});

describe('two starts at once', () => {
  it('fetch each archive once, into the one folder, and both have it', async () => {
    const { folder, there, told, ask } = await setUp();
    there.isHeld = true;
    const both = Promise.all([ask(), ask()]);
    await until('the second one waits', () => told.some((message) => message.endsWith('MB so far')));
    there.isHeld = false;
    const [first, second] = await both;
    expect(second).toEqual(first);
    expect(gets(there)).toEqual(packageNames.map((name) => `GET /${name}.zip`));
    expect((await readdir(folder)).filter((name) => !name.endsWith('.zip'))).toEqual([]);
  });

  it('do not wait for one that was killed: neither for its process nor for its sign of life', async () => {
    const { folder, ask } = await setUp();
    await mkdir(folder);
    const lock = join(folder, 'fetching.lock');
    await writeFile(lock, '999999999');
    await ask();
    await writeFile(lock, String(process.pid));
    await writeFile(join(folder, 'storefront.4.6.2.zip'), 'damaged');
    await ask(undefined, { staleLockMs: 50 });
    expect(existsSync(lock)).toBe(false);
  });
});
