import { describe, expect, it } from 'vitest';
import { useCuttableProxy } from '../testing/cuttable-proxy.ts';
import { useTestDatabase } from '../testing/test-database.ts';
import { reachNamedDatabase } from './reach-database.ts';

const faultOf = (url: string): Promise<unknown> =>
  reachNamedDatabase({ DATABASE_URL: url, PORT: 'also wrong' }).then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a database that the settings name', () => {
  it('is fine when it can be used', async () => {
    const { url } = await useTestDatabase();
    expect(await faultOf(url)).toBeUndefined();
  });

  it('is the launcher’s to bring when none is named', async () => {
    await expect(reachNamedDatabase({})).resolves.toBeUndefined();
  });

  it('is a fault when it is away, refuses its user or does not exist, and no sentence holds the password', async () => {
    const { url } = await useTestDatabase();
    const proxy = await useCuttableProxy(url);
    const changed = (change: (it: URL) => void) => {
      const it = new URL(proxy.url);
      change(it);
      return it.href;
    };
    const wrong = {
      'refuses the user "platform" or the password': changed((it) => (it.password = 's3cret')),
      'has no database "nowhere"': changed((it) => (it.pathname = '/nowhere')),
    };
    for (const [sentence, where] of Object.entries(wrong)) {
      const fault = await faultOf(where);
      expect(fault).toMatchObject({ name: 'ConfigError', faults: [expect.stringContaining(sentence)] });
      expect(String(fault)).not.toMatch(new RegExp(`s3cret|${new URL(url).password}`));
    }
    await proxy.cut();
    expect(await faultOf(proxy.url)).toMatchObject({
      faults: [
        expect.stringMatching(
          /^DATABASE_URL names .*127\.0\.0\.1:\d+, which does not answer \(ECONNREFUSED\)/,
        ),
      ],
    });
    await proxy.mend();
    proxy.freeze();
    expect(await faultOf(proxy.url)).toMatchObject({
      faults: [expect.stringContaining('which does not answer (no answer in time)')],
    });
  });
});
