import { profiles } from '@store-platform/shared/config/profiles';
import type { StoreRuntime } from '@store-platform/shared/config/settings';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { until } from '@store-platform/shared/testing/until';
import { expect, onTestFinished, test } from 'vitest';
import { stringAt } from '../objects/json.ts';
import type { KubeObject } from '../objects/object-store.ts';
import { deployments, events, namespaces, pods } from '../objects/resources.ts';
import { fetchTiming } from '../packages/fetch-packages.ts';
import { createPackageSources } from '../packages/package-sources.ts';
import { createFakeRuntime } from '../testing/fake-runtime.ts';
import { startFakeWordpressOrg } from '../testing/fake-wordpress-org.ts';
import { makeTestFolder, startTestCluster } from '../testing/test-cluster.ts';
import { shopRuntimes } from './shop-runtimes.ts';

/** @param options `lookMs` is long unless it is what the test is about: the machine may be busy. */
const setUp = async (setting: StoreRuntime, { isInstalled = true, lookMs = 20_000 } = {}) => {
  const there = await startFakeWordpressOrg();
  const [standIn, wordpress] = [createFakeRuntime(), createFakeRuntime()];
  const sources = createPackageSources({
    dataDir: await makeTestFolder(),
    filledFolder: undefined,
    timing: { ...fetchTiming, lookMs, pauseMs: 1 },
    logger: silentLogger,
  });
  onTestFinished(() => sources.stop());
  const start = async () => {
    const cluster = await startTestCluster((objects) => {
      if (!objects.get(namespaces, undefined, 'kube-system'))
        objects.create(namespaces, {
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name: 'kube-system', uid: '', resourceVersion: '', creationTimestamp: '' },
        });
      const profile = { ...profiles.spec, packages: there.wanted };
      const real = isInstalled ? () => ({ ...wordpress, needsArchives: () => true }) : undefined;
      return shopRuntimes({ setting, profile, sources, standIn, wordpress: real }, objects);
    });
    cluster.make(namespaces, { name: 'shop' });
    const finding = () => annotationsOf(cluster.store.get(namespaces, undefined, 'kube-system')).finding;
    return { ...cluster, finding };
  };
  return { there, standIn, wordpress, start };
};

const annotationsOf = (object: KubeObject | undefined) => {
  const all = object?.metadata.annotations ?? {};
  return {
    finding: JSON.parse(all['store-platform.dev/finding'] ?? 'null') as unknown,
    runtime: all['store-platform.dev/runtime'],
  };
};

const deploymentOf = (app: string, image: string) => ({
  spec: {
    replicas: 1,
    selector: { matchLabels: { app } },
    template: { metadata: { labels: { app } }, spec: { containers: [{ name: 'main', image }] } },
  },
});
const shop = deploymentOf('woocommerce', 'wordpress:6.4-apache');
const mysql = deploymentOf('mysql', 'mysql:8.0');

test('a shop waits in its pod while the archives come, which its events tell, and is real then', async () => {
  const { there, wordpress, start } = await setUp('auto');
  there.isHeld = true;
  const { make, store, finding } = await start();
  make(deployments, { name: 'woocommerce' }, shop);
  const pulling = await until('it is told', () =>
    store.list(events, 'shop').find((event) => event['reason'] === 'Pulling'),
  );
  expect(pulling).toMatchObject({
    message: 'WordPress 6.4.5 is being fetched: 0 of 0 MB',
    involvedObject: { kind: 'Pod', fieldPath: 'spec.containers{main}' },
  });
  const [pod] = store.list(pods, 'shop');
  expect(stringAt(pod, 'status', 'phase')).toBe('Pending');
  expect(finding()).toMatchObject({
    code: 'shop_archives_coming',
    message: `${String(pulling['message'])}.`,
  });
  there.isHeld = false;
  await until('it runs', () => wordpress.running.size === 1);
  expect(annotationsOf(store.get(namespaces, undefined, 'shop')).runtime).toBe('wordpress');
  expect(finding()).toEqual({
    code: 'shops_use_sqlite',
    message: 'Shops are WordPress 6.4.5 with WooCommerce 9.1.2, and SQLite in place of MySQL.',
    hint: '',
  });
});

test('where wordpress.org is away, shops are stand-ins, and why is told', async () => {
  const { there, standIn, start } = await setUp('auto');
  there.status = 404;
  const { make, finding } = await start();
  make(deployments, { name: 'woocommerce' }, shop);
  await until('it runs', () => standIn.running.size === 1);
  expect(finding()).toMatchObject({
    code: 'shops_are_stand_ins',
    message: expect.stringMatching(/^Shops are stand-ins: There is nothing at .* \(404\)\.$/),
    hint: expect.stringContaining('STORE_PACKAGES'),
  });
});

test('where nothing is answered at all, the cluster starts at once, and the decision falls in its time', async () => {
  const { there, standIn, start } = await setUp('auto', { lookMs: 100 });
  there.isSilent = true;
  const { make, finding } = await start();
  make(deployments, { name: 'woocommerce' }, shop);
  await until('it runs', () => standIn.running.size === 1);
  expect(finding()).toMatchObject({ code: 'shops_are_stand_ins' });
});

test.each([
  ['wordpress', 'this shop keeps its data in SQLite'],
  ['stand-in', 'this stand-in keeps its data in a file'],
] as const)(
  'with %s, what is called mysql says where the data is, once that is decided',
  async (setting, words) => {
    const { standIn, start } = await setUp(setting);
    const { make } = await start();
    make(deployments, { name: 'mysql' }, mysql);
    await until('it runs', () => standIn.running.size === 1);
    const said = () =>
      standIn
        .logOf('mysql')
        ?.lines()
        .map(({ text }) => text);
    expect(said()).toEqual([]);
    make(deployments, { name: 'woocommerce' }, shop);
    await until('it says so', () => said()?.length === 1);
    expect(said()?.[0]).toContain(words);
  },
);

test('shops that somebody chose to be stand-ins are no news, and nothing is fetched for them', async () => {
  const { there, standIn, start } = await setUp('stand-in');
  const { make, finding } = await start();
  make(deployments, { name: 'woocommerce' }, shop);
  await until('it runs', () => standIn.running.size === 1);
  expect([finding(), there.asked]).toEqual([null, []]);
});

test('where they must be real and cannot be, that is a lack', async () => {
  const { start } = await setUp('wordpress', { isInstalled: false });
  const { finding } = await start();
  expect(finding()).toEqual({
    code: 'no_shop_archives',
    message: 'No shop can be made: What runs real shops is not installed.',
    hint: 'Install it: npm install --include=optional.',
  });
});
