import { describe, expect, it, onTestFinished } from 'vitest';
import { useCuttableProxy } from '../testing/cuttable-proxy.ts';
import { silentLogger as logger } from '../testing/silent-logger.ts';
import { useTestDatabase } from '../testing/test-database.ts';
import { until } from '../testing/until.ts';
import { openLeadership } from './leader-lock.ts';

const useLeadership = (url: string) => {
  const leadership = openLeadership({ url, logger });
  onTestFinished(() => leadership.release());
  return leadership;
};

describe('leadership', () => {
  it('is held by one, for as long as it asks, and goes to another when the leader’s connection dies', async () => {
    const { db, url } = await useTestDatabase();
    const [first, second] = [useLeadership(url), useLeadership(url)];
    expect([await first.hold(), await first.hold(), await second.hold(), await second.hold()]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    await db.query(
      "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())",
    );
    await until('the other leads', () => second.hold());
    expect(await first.hold()).toBe(false);
    expect(await second.hold()).toBe(true);
  });

  it('goes to another when the leader leaves, however often it had asked', async () => {
    const { url } = await useTestDatabase();
    const [first, second] = [useLeadership(url), useLeadership(url)];
    for (const held of [await first.hold(), await first.hold(), await first.hold()]) expect(held).toBe(true);
    await first.release();
    await until('the other leads', () => second.hold());
  });

  it('goes to another when the leader falls silent, as one that is stopped or cut off does', async () => {
    const { url } = await useTestDatabase();
    const silent = openLeadership({ url, logger, silenceMs: 300 });
    onTestFinished(() => silent.release());
    expect(await silent.hold()).toBe(true);
    const other = useLeadership(url);
    await until('the other leads', () => other.hold());
    expect(await silent.hold()).toBe(false);
  });

  it('is nobody’s while the database is away, without an error, and can be had again', async () => {
    const { url } = await useTestDatabase();
    const proxy = await useCuttableProxy(url);
    const leadership = useLeadership(proxy.url);
    expect(await leadership.hold()).toBe(true);
    await proxy.cut();
    expect(await leadership.hold()).toBe(false);
    await proxy.mend();
    await until('it leads again', () => leadership.hold());
    proxy.freeze();
    const since = performance.now();
    expect(await leadership.hold()).toBe(false);
    expect(performance.now() - since).toBeLessThan(6000);
    proxy.thaw();
    await until('it leads again', () => leadership.hold());
  });
});
