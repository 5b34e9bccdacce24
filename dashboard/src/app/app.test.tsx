import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { problem, sampleInfo, useFakeApi } from '../testing/fake-api.ts';
import { letPass, openDashboard } from '../testing/open-dashboard.tsx';
import { failedStore, provisioningStore, sampleStore } from '../testing/sample-stores.ts';

const metric = (title: string) => screen.getByText(title, { selector: 'dt' }).parentElement;
const emojiFont = /[\p{Extended_Pictographic}]/u;

test('the header names the platform and offers to create a store', async () => {
  useFakeApi();
  openDashboard();
  expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent('⚡ Store Platform');
  expect(screen.getByText('Kubernetes Store Provisioning')).toBeVisible();
  expect(screen.getByRole('button', { name: '+ Create Store' })).toHaveClass('bg-blue-600');
  await screen.findByText('No stores yet');
});

test('icons are emoji: no picture is loaded', async () => {
  useFakeApi({ stores: [sampleStore()] });
  const { container } = openDashboard();
  await screen.findByText('✅ Ready');
  expect(container.querySelector('svg, img')).toBeNull();
  expect(container.textContent).toMatch(emojiFont);
});

test('four cards count the stores', async () => {
  useFakeApi({ stores: [sampleStore(), sampleStore(), provisioningStore(), failedStore()] });
  openDashboard();
  await screen.findByText('Your Stores (4)');
  await within(metric('Total Stores') ?? document.body).findByText('4');
  expect(metric('Total Stores')?.parentElement).toHaveTextContent('Total Stores4🏪');
  expect(metric('Active Stores')?.parentElement).toHaveTextContent('Active Stores2✅');
  expect(metric('Provisioning')?.parentElement).toHaveTextContent('Provisioning1⏳');
  expect(metric('Failed')?.parentElement).toHaveTextContent('Failed1❌');
});

test('without stores there is a big emoji, a heading and a button that opens the dialog', async () => {
  useFakeApi();
  const { user } = openDashboard();
  expect(await screen.findByRole('heading', { name: 'No stores yet' })).toBeVisible();
  expect(screen.getByText('Your Stores (0)')).toBeVisible();
  await user.click(screen.getByRole('button', { name: '+ Create your first store' }));
  expect(screen.getByRole('dialog', { name: 'Create New Store' })).toBeVisible();
});

test('before the first answer the list is neither empty nor counted', () => {
  useFakeApi();
  openDashboard();
  expect(screen.getByRole('status', { name: 'Loading the stores' })).toBeVisible();
  expect(screen.queryByText('No stores yet')).toBeNull();
  expect(screen.getByRole('heading', { level: 2 })).toHaveTextContent(/^Your Stores$/);
});

test('Provisioning turns Ready without a reload, and a screen reader hears it', async () => {
  const store = provisioningStore({ name: 'Harbour Books' });
  const api = useFakeApi({ stores: [store] });
  openDashboard();
  await screen.findByText('Provisioning', { selector: 'span' });
  api.stores = [sampleStore({ store_id: store.store_id, name: store.name })];
  await letPass(4);
  expect(screen.queryByText('✅ Ready')).toBeNull();
  await letPass(1);
  expect(await screen.findByText('✅ Ready')).toBeVisible();
  expect(screen.getByRole('status', { name: 'News' })).toHaveTextContent('Harbour Books is ready.');
  expect(metric('Active Stores')).toHaveTextContent('1');
});

test('stores and metrics are asked for every 5 seconds', async () => {
  const api = useFakeApi();
  openDashboard();
  await screen.findByText('No stores yet');
  await letPass(0.1);
  api.asked.length = 0;
  await letPass(15);
  expect(api.asked.filter((call) => call === 'GET /api/stores')).toHaveLength(3);
  expect(api.asked.filter((call) => call === 'GET /api/metrics')).toHaveLength(3);
});

test('a failure is announced', async () => {
  const store = provisioningStore({ name: 'Harbour Books' });
  const api = useFakeApi({ stores: [store] });
  openDashboard();
  await screen.findByText('Harbour Books');
  api.stores = [failedStore({ store_id: store.store_id, name: store.name })];
  await letPass(5);
  await screen.findByText('❌ Failed');
  expect(screen.getByRole('status', { name: 'News' })).toHaveTextContent('Harbour Books failed.');
});

test('a second failure is announced like the first, in the same words', async () => {
  const store = provisioningStore({ name: 'Harbour Books' });
  const failed = failedStore({ store_id: store.store_id, name: store.name });
  const api = useFakeApi({ stores: [store] });
  openDashboard();
  await screen.findByText('Harbour Books');
  const news = screen.getByRole('status', { name: 'News' });
  api.stores = [failed];
  await letPass(5);
  await waitFor(() => expect(news).toHaveTextContent('Harbour Books failed.'));
  const first = news.firstElementChild;
  api.stores = [store];
  await letPass(5);
  await screen.findByText('Provisioning', { selector: 'span' });
  api.stores = [failed];
  await letPass(5);
  await waitFor(() => expect(news.firstElementChild).not.toBe(first));
  expect(news).toHaveTextContent(/^Harbour Books failed.$/);
});

test('a card stays the same element from poll to poll', async () => {
  const api = useFakeApi({ stores: [provisioningStore({ name: 'Harbour Books' })] });
  openDashboard();
  const card = await screen.findByRole('article', { name: 'Harbour Books' });
  api.stores = [sampleStore({ name: 'Newer' }), ...api.stores];
  await letPass(5);
  await screen.findByRole('article', { name: 'Newer' });
  expect(screen.getByRole('article', { name: 'Harbour Books' })).toBe(card);
});

test('while the platform cannot be reached, the last known stores stay, with their time', async () => {
  const api = useFakeApi({ stores: [sampleStore({ name: 'Harbour Books' })] });
  openDashboard();
  await screen.findByText('Harbour Books');
  const seen = new Date().toLocaleTimeString(undefined, { timeStyle: 'medium' });
  api.isAway = true;
  await letPass(5);
  expect(await screen.findByText(/The platform cannot be reached/)).toBeVisible();
  expect(screen.getByRole('status', { name: 'Connection' })).toHaveTextContent(`last seen ${seen}`);
  expect(screen.getByText('Harbour Books')).toBeVisible();
  expect(screen.getByText('Your Stores (1)')).toBeVisible();
  api.isAway = false;
  await letPass(5);
  await screen.findByText('Harbour Books');
  expect(screen.queryByText(/The platform cannot be reached/)).toBeNull();
});

test('a platform that was never reached is not shown as empty', async () => {
  const api = useFakeApi({ isAway: true });
  const { user } = openDashboard();
  expect(await screen.findByText('The stores could not be loaded.')).toBeVisible();
  expect(screen.queryByText('No stores yet')).toBeNull();
  api.isAway = false;
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('No stores yet')).toBeVisible();
});

test('while a platform that was never reached is asked again, nothing flickers', async () => {
  const api = useFakeApi({ isAway: true });
  openDashboard();
  await screen.findByText('The stores could not be loaded.');
  const asked = api.asked.length;
  api.isSilent = true;
  await letPass(5);
  await waitFor(() => expect(api.asked.length).toBeGreaterThan(asked));
  expect(screen.getByText('The stores could not be loaded.')).toBeVisible();
  expect(screen.getByText(/The platform cannot be reached/)).toBeVisible();
  expect(screen.queryByRole('status', { name: 'Loading the stores' })).toBeNull();
});

test('an API that is away behind its dashboard is said to be so', async () => {
  const api = useFakeApi({ stores: [sampleStore({ name: 'Harbour Books' })] });
  openDashboard();
  await screen.findByText('Harbour Books');
  api.answerToAll = problem({ status: 502, code: 'api_away', detail: 'The API does not answer.' });
  await letPass(5);
  expect(await screen.findByText(/The API does not answer/)).toBeVisible();
  expect(screen.getByText('Harbour Books')).toBeVisible();
});

test('more stores than a page holds are shown when asked for, and counted all the same', async () => {
  const stores = ['One', 'Two', 'Three'].map((name) => sampleStore({ name }));
  useFakeApi({ stores, pageSize: 2 });
  const { user } = openDashboard();
  expect(await screen.findByText('Your Stores (3)')).toBeVisible();
  expect(screen.queryByText('Three')).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Show more' }));
  expect(await screen.findByText('Three')).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull();
});

test('the footer says what is emulated and past its end of life, and leads to the board and the docs', async () => {
  useFakeApi();
  openDashboard();
  expect(await screen.findByText('emulated cluster')).toBeVisible();
  expect(screen.getByText('shops are stand-ins')).toBeVisible();
  expect(screen.getByText(/past their end of life/)).toBeVisible();
  expect(screen.getByRole('link', { name: 'Queue board' })).toHaveAttribute('href', '/admin/queues');
  expect(screen.getByRole('link', { name: 'API docs' })).toHaveAttribute('href', '/api/docs');
});

test('what stores wait for is told above them, and soon after it is mended no more', async () => {
  const reason = 'The queue is paused: resume it.';
  const api = useFakeApi({ info: sampleInfo({ missing: [{ part: 'queue', reason }] }) });
  openDashboard();
  const banner = await screen.findByRole('status', { name: 'What stores wait for' });
  await within(banner).findByText(reason);
  expect(banner).toHaveTextContent('Stores wait.');
  api.info = sampleInfo();
  await letPass(5);
  await waitFor(() => expect(banner).toBeEmptyDOMElement());
});

test('what the cluster lacks is told above the stores, with what to do, until it is mended', async () => {
  const finding = {
    code: 'no_default_storage_class',
    message: 'The cluster has no default storage class.',
    hint: 'Mark one.',
    found_at: '2026-11-24T11:00:00.000Z',
  } as const;
  const api = useFakeApi({ info: sampleInfo({ findings: [finding] }) });
  openDashboard();
  const banner = await screen.findByRole('region', { name: 'What the cluster lacks' });
  await within(banner).findByText('The cluster has no default storage class.');
  expect(banner).toHaveTextContent('A store that is created now may fail.');
  expect(banner).toHaveTextContent('Mark one. (since');
  expect(screen.getByRole('button', { name: '+ Create Store' })).toBeEnabled();
  api.info = sampleInfo();
  await letPass(30);
  await waitFor(() => expect(banner).toBeEmptyDOMElement());
});

test('which shops are made, and why, is told without alarm; that they are real, in the footer', async () => {
  const found_at = '2026-11-24T11:00:00.000Z';
  const standIns = {
    code: 'shops_are_stand_ins',
    message: 'Shops are stand-ins: wordpress.org cannot be reached.',
    hint: 'Set STORE_PACKAGES.',
    found_at,
  } as const;
  const api = useFakeApi({ info: sampleInfo({ findings: [standIns] }) });
  openDashboard();
  const banner = await screen.findByRole('region', { name: 'What the cluster lacks' });
  await within(banner).findByText(standIns.message);
  expect(banner).toHaveTextContent('Set STORE_PACKAGES. (since');
  expect(banner).not.toHaveTextContent('may fail');
  const message = 'WooCommerce 9.1.2 is being fetched: 12 of 31 MB.';
  api.info = sampleInfo({ findings: [{ code: 'shop_archives_coming', message, hint: '', found_at }] });
  await letPass(30);
  await within(banner).findByText(message);
  const real = 'Shops are WordPress 6.4.5 with WooCommerce 9.1.2, and SQLite in place of MySQL.';
  api.info = sampleInfo({ findings: [{ code: 'shops_use_sqlite', message: real, hint: '', found_at }] });
  await letPass(5);
  expect(await screen.findByText('shops use SQLite in place of MySQL')).toHaveAttribute('title', real);
  expect(banner).toBeEmptyDOMElement();
  expect(screen.queryByText('shops are stand-ins')).toBeNull();
});

test('on a real cluster nothing is called emulated', async () => {
  useFakeApi({
    info: sampleInfo({
      cluster: { kind: 'kubernetes', name: 'kind-store-platform' },
      profile: { name: 'current', parts: {}, end_of_life: false },
    }),
  });
  openDashboard();
  expect(await screen.findByText('cluster kind-store-platform')).toBeVisible();
  expect(screen.queryByText(/stand-ins|emulated|end of life/)).toBeNull();
});

test('where a token is needed, a person signs in and out again', async () => {
  const api = useFakeApi({ token: 'the right token', stores: [sampleStore({ name: 'Harbour Books' })] });
  const { user } = openDashboard();
  const field = await screen.findByLabelText('Access token');
  expect(screen.queryByRole('button', { name: '+ Create Store' })).toBeNull();
  await user.type(field, 'a wrong token{Enter}');
  expect(await screen.findByRole('alert')).toHaveTextContent('This token is not the right one.');
  await user.clear(field);
  await user.type(field, 'the right token{Enter}');
  expect(await screen.findByText('Harbour Books')).toBeVisible();
  await letPass(0.1);
  api.asked.length = 0;
  await user.click(screen.getByRole('button', { name: 'Sign out' }));
  expect(await screen.findByLabelText('Access token')).toBeVisible();
  expect(screen.queryByText('Harbour Books')).toBeNull();
  expect(api.isSignedIn).toBe(false);
  expect(api.asked).toEqual(['DELETE /api/session', 'GET /api/stores']);
});

test('after signing in, stores are asked for every 5 seconds and no more often', async () => {
  const api = useFakeApi({ token: 'the right token', stores: [sampleStore({ name: 'Harbour Books' })] });
  const { user } = openDashboard();
  const field = await screen.findByLabelText('Access token');
  expect(field).toHaveFocus();
  await user.keyboard('the right token{Enter}');
  await screen.findByText('Harbour Books');
  await letPass(0.1);
  api.asked.length = 0;
  for (let second = 0; second < 15; second += 1) await letPass(1);
  expect(api.asked.filter((call) => call === 'GET /api/stores')).toHaveLength(3);
});

test('before a closed door nothing is asked again: each question would count as a guess', async () => {
  const api = useFakeApi({ token: 'the right token' });
  openDashboard();
  await screen.findByLabelText('Access token');
  await letPass(60);
  expect(api.asked).toEqual(['GET /api/stores']);
});

test('an answer of the platform that is a refusal is shown in its own words', async () => {
  const api = useFakeApi({ stores: [sampleStore({ name: 'Harbour Books' })] });
  const { user } = openDashboard();
  await user.click(await screen.findByRole('button', { name: 'Delete Harbour Books' }));
  api.refusal = problem({ status: 503, code: 'database_away', detail: 'The database does not answer.' });
  await user.click(screen.getByRole('button', { name: 'Yes, Delete' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('The database does not answer.Do it otherwise.');
});
