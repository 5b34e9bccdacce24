import { screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { problem, sampleInfo, useFakeApi } from '../../testing/fake-api.ts';
import { letPass, openDashboard } from '../../testing/open-dashboard.tsx';
import {
  failedStore,
  provisioningStore,
  sampleRun,
  sampleRuns,
  sampleStore,
  secondsAgo,
} from '../../testing/sample-stores.ts';

test('a ready store shows what it is, where it is and how to get in', async () => {
  const store = sampleStore({ name: 'Harbour Books' });
  useFakeApi({ stores: [store] });
  openDashboard();
  const card = within(await screen.findByRole('article', { name: 'Harbour Books' }));
  expect(card.getByText('WooCommerce Store')).toBeVisible();
  expect(card.getByText('✅ Ready')).toBeVisible();
  expect(card.getByText(store.store_id)).toHaveClass('font-mono');
  expect(card.getByText(/2026/)).toHaveAttribute('datetime', store.created_at);
  expect(card.getByRole('link', { name: store.url })).toHaveAttribute('href', store.url);
  const open = card.getByRole('link', { name: '🛒 Open Store' });
  expect(open).toHaveAttribute('href', store.url);
  expect(open).toHaveAttribute('target', '_blank');
  const admin = card.getByRole('link', { name: '⚙️ Admin' });
  expect(admin).toHaveAttribute('href', store.admin_url);
  expect(admin).toHaveAttribute('target', '_blank');
  expect(card.getByText('Ready after 12 s')).toBeVisible();
  expect(card.queryByRole('progressbar')).toBeNull();
});

test('hovering Admin shows the login, and so does the keyboard', async () => {
  useFakeApi({ stores: [sampleStore()] });
  const { user } = openDashboard();
  const admin = await screen.findByRole('link', { name: '⚙️ Admin' });
  const tip = screen.getByText('Login: admin / Admin@123');
  expect(tip).not.toBeVisible();
  await user.hover(admin);
  expect(tip).toBeVisible();
  await user.unhover(admin);
  expect(tip).not.toBeVisible();
  admin.focus();
  await screen.findByRole('tooltip');
  expect(tip).toBeVisible();
  expect(admin).toHaveAccessibleDescription('Login: admin / Admin@123');
  await user.keyboard('{Escape}');
  expect(tip).not.toBeVisible();
});

test('the login stays while the pointer is on it, and Escape hides it wherever the keyboard is', async () => {
  useFakeApi({ stores: [sampleStore()] });
  const { user } = openDashboard();
  await user.hover(await screen.findByRole('link', { name: '⚙️ Admin' }));
  const tip = screen.getByText('Login: admin / Admin@123');
  await user.hover(tip);
  expect(tip).toBeVisible();
  expect(document.body).toHaveFocus();
  await user.keyboard('{Escape}');
  expect(tip).not.toBeVisible();
});

test('a store that others can reach has a login of its own, which the tooltip only locates', async () => {
  useFakeApi({
    stores: [sampleStore({ store_id: 'store-ab3cd4ef', url: 'https://store-ab3cd4ef.shops.example.com' })],
  });
  const { user } = openDashboard();
  await user.hover(await screen.findByRole('link', { name: '⚙️ Admin' }));
  expect(screen.getByRole('tooltip')).toHaveTextContent(
    'Login: admin / its own password, in Secret store-credentials of namespace store-ab3cd4ef',
  );
});

test.each([
  [0, '🚦 Next in line'],
  [1, '🚦 In line: 1 store is ahead'],
  [37, '🚦 In line: 37 stores are ahead'],
])('a store that waits for its turn shows how many are ahead: %d', async (stores_ahead, words) => {
  useFakeApi({ stores: [provisioningStore({ stores_ahead }), sampleStore()] });
  openDashboard();
  expect(await screen.findByText(words)).toBeVisible();
  expect(screen.getAllByText(/🚦/)).toHaveLength(1);
});

test('a store being provisioned shows its stages, its progress and how long it takes', async () => {
  useFakeApi({
    stores: [provisioningStore({ name: 'Harbour Books' })],
    info: sampleInfo({ usual_seconds_to_ready: 12 }),
  });
  openDashboard();
  const card = within(await screen.findByRole('article'));
  const bar = card.getByRole('progressbar', { name: 'Provisioning Harbour Books' });
  expect(bar).toHaveAttribute('value', '43');
  expect(bar).toHaveAttribute('aria-valuetext', '43 percent: MySQL and WordPress');
  const stages = within(card.getByRole('list', { name: 'Stages' })).getAllByRole('listitem');
  expect(stages).toHaveLength(6);
  expect(stages[1]).toHaveTextContent('Volumes done, 2 s');
  expect(stages[2]).toHaveTextContent('MySQL running, 6 s of 5 min⏳WordPress running, 5 s of 6 min');
  expect(stages[3]).toHaveTextContent('WooCommerce waiting');
  expect(await card.findByText('9 s so far · usually 12 s')).toBeVisible();
  await letPass(1);
  expect(card.getByText('10 s so far · usually 12 s')).toBeVisible();
  expect(card.queryByRole('link')).toBeNull();
});

test('a retry that waits until the last try is cleaned up says so', async () => {
  const store = provisioningStore({ stages: sampleRuns({}) });
  const api = useFakeApi({ stores: [store] });
  openDashboard();
  expect(await screen.findByText('Waiting for the clean-up of the last try…')).toBeVisible();
  api.stores = [{ ...store, stages: sampleRuns({ namespace: 'running' }) }];
  await letPass(5);
  await screen.findByText('running');
  expect(screen.queryByText(/clean-up of the last try/)).toBeNull();
});

test('a stage that is tried again says why and when', async () => {
  const wordpress = sampleRun('wordpress', 'due', {
    attempt: 2,
    due_at: secondsAgo(-8),
    error: 'The image is not there yet.',
  });
  useFakeApi({ stores: [provisioningStore({ stages: sampleRuns({ mysql: 'running', wordpress }) })] });
  openDashboard();
  expect(await screen.findByText('attempt 2, next try in 8 s')).toBeVisible();
  expect(screen.getByText('WordPress, last try: The image is not there yet.')).toBeVisible();
  await letPass(3);
  expect(screen.getByText('attempt 2, next try in 5 s')).toBeVisible();
});

test('a failed store shows its reason, a hint, and that it is being cleaned up', async () => {
  const store = failedStore();
  const api = useFakeApi({ stores: [store] });
  openDashboard();
  expect(await screen.findByText('WordPress: an image cannot be pulled.')).toBeVisible();
  expect(screen.getByText('Check the registry.')).toBeVisible();
  expect(screen.getByText('❌ Failed')).toBeVisible();
  expect(screen.getByText('Cleaning up…')).toBeVisible();
  expect(screen.queryByRole('progressbar')).toBeNull();
  api.stores = [{ ...store, cleaned_up_at: secondsAgo(0) }];
  await letPass(5);
  expect(await screen.findByText(/nothing of it is left/)).toBeVisible();
  expect(screen.queryByText('Cleaning up…')).toBeNull();
});

test('a failed store is retried once, however often one clicks', async () => {
  const store = failedStore();
  const api = useFakeApi({ stores: [store], isSlow: true });
  const { user } = openDashboard();
  await user.click(await screen.findByRole('button', { name: /Retry/ }));
  const button = await screen.findByRole('button', { name: 'Retrying…' });
  expect(button).toHaveAttribute('aria-disabled', 'true');
  expect(button).toHaveAttribute('title', 'The retry is on its way');
  await user.click(button);
  expect(api.writes.map(({ call }) => call)).toEqual([`POST /api/stores/${store.store_id}/retry`]);
});

test('after a retry by keyboard, the name of the store has the focus that the button had', async () => {
  const store = failedStore({ name: 'Harbour Books' });
  const api = useFakeApi({ stores: [store] });
  const { user } = openDashboard();
  const button = await screen.findByRole('button', { name: /Retry/ });
  button.focus();
  api.stores = [provisioningStore({ store_id: store.store_id, name: store.name, generation: 2 })];
  await user.keyboard('{Enter}');
  await screen.findByText('Provisioning', { selector: 'span' });
  expect(screen.getByRole('heading', { name: 'Harbour Books' })).toHaveFocus();
});

test('a retry that the limit refuses says how to raise it', async () => {
  useFakeApi({
    stores: [failedStore()],
    refusal: problem({
      status: 429,
      code: 'store_limit',
      detail: '10 stores are active, and 10 is the limit.',
      hint: 'Raise MAX_ACTIVE_STORES.',
    }),
  });
  const { user } = openDashboard();
  await user.click(await screen.findByRole('button', { name: /Retry/ }));
  expect(await screen.findByRole('alert')).toHaveTextContent(
    '10 stores are active, and 10 is the limit.Raise MAX_ACTIVE_STORES.',
  );
});

test('a store being deleted keeps its 🗑️, which says why it does nothing', async () => {
  useFakeApi({ stores: [sampleStore({ name: 'Harbour Books', status: 'deleting' })] });
  const { user } = openDashboard();
  expect(await screen.findByText('🗑️ Deleting')).toBeVisible();
  const button = screen.getByRole('button', { name: 'Delete Harbour Books' });
  expect(button).toHaveAttribute('aria-disabled', 'true');
  expect(button).toHaveAttribute('title', 'This store is being deleted already');
  await user.click(button);
  expect(screen.queryByRole('dialog')).toBeNull();
});

test.each([
  ['Provisioning', 'text-yellow-300', provisioningStore()],
  ['✅ Ready', 'text-green-300', sampleStore()],
  ['❌ Failed', 'text-red-300', failedStore()],
  ['🗑️ Deleting', 'text-slate-200', sampleStore({ status: 'deleting' })],
])('the badge "%s" has its colour, and only the first one spins', async (text, colour, store) => {
  useFakeApi({ stores: [store] });
  openDashboard();
  const card = await screen.findByRole('article');
  const badge = within(card).getByText(text, { selector: 'span' });
  expect(badge).toHaveClass(colour);
  const spins = badge.querySelector('.animate-spin') !== null;
  expect(spins).toBe(store.status === 'provisioning');
});

test.each([sampleStore(), provisioningStore(), failedStore(), sampleStore({ status: 'deleting' })])(
  '🗑️ is there when a store is $status',
  async (store) => {
    useFakeApi({ stores: [store] });
    openDashboard();
    const button = await screen.findByRole('button', { name: 'Delete My Shop' });
    expect(button).toHaveTextContent('🗑️');
    expect(button).toHaveClass('hover:bg-red-600');
  },
);

test('a shop that stopped answering says since when', async () => {
  const unavailable_since = secondsAgo(300);
  useFakeApi({ stores: [sampleStore({ unavailable_since })] });
  openDashboard();
  const notice = await screen.findByText(/The shop has not answered since/);
  expect(within(notice).getByText(/2026/)).toHaveAttribute('datetime', unavailable_since);
});

test('a shop that sleeps is ready, says since when, and that a visit wakes it', async () => {
  const asleep_since = secondsAgo(300);
  const store = sampleStore({ asleep_since });
  const api = useFakeApi({ stores: [store] });
  openDashboard();
  const words = await screen.findByText(/^💤 Asleep since .* The next visitor wakes it in a few seconds\.$/);
  expect(within(words).getByText(/2026/)).toHaveAttribute('datetime', asleep_since);
  expect(screen.getByText('✅ Ready')).toBeVisible();
  expect(screen.queryByText(/has not answered/)).toBeNull();
  api.stores = [{ ...store, asleep_since: null }];
  await letPass(5);
  expect(screen.getByText('✅ Ready')).toBeVisible();
  expect(screen.queryByText(/Asleep/)).toBeNull();
});

test('a name is shown as text, whatever it holds', async () => {
  const name = '<b>bold</b> & "quoted" متجر';
  useFakeApi({ stores: [sampleStore({ name })] });
  openDashboard();
  const heading = await screen.findByRole('heading', { level: 3 });
  expect(heading).toHaveTextContent(name);
  expect(heading).toHaveAttribute('dir', 'auto');
});

test('the history is read when it is opened, and follows what happens', async () => {
  const store = failedStore();
  const event = { event_type: 'x', stage: null, attempt: null, created_at: secondsAgo(20) };
  const api = useFakeApi({
    stores: [store],
    events: [{ ...event, id: 1, severity: 'info', message: 'The store was accepted.' }],
  });
  const { user } = openDashboard();
  const toggle = await screen.findByRole('button', { name: /History/ });
  expect(toggle).toHaveAttribute('aria-expanded', 'false');
  expect(api.asked).not.toContain(`GET /api/stores/${store.store_id}`);
  await user.click(toggle);
  expect(await screen.findByText('The store was accepted.')).toBeVisible();
  api.events = [...api.events, { ...event, id: 2, severity: 'error', message: 'An image is missing.' }];
  await letPass(5);
  expect(await screen.findByText('An image is missing.')).toBeVisible();
});

test('the newest events stand first, and all of them are shown when asked for', async () => {
  const store = failedStore();
  const events = Array.from({ length: 12 }, (_, index) => ({
    id: index,
    event_type: 'x',
    stage: null,
    attempt: null,
    severity: 'info' as const,
    message: `Event ${index}`,
    created_at: secondsAgo(20 - index),
  }));
  useFakeApi({ stores: [store], events });
  const { user } = openDashboard();
  await user.click(await screen.findByRole('button', { name: /History/ }));
  const list = await screen.findByRole('list', { name: 'History, newest first' });
  const shown = () =>
    within(list)
      .getAllByText(/^Event/)
      .map(({ textContent }) => textContent);
  expect(shown()[0]).toBe('Event 11');
  expect(shown()).toHaveLength(8);
  await user.click(screen.getByRole('button', { name: 'Show all 12' }));
  expect(shown()).toHaveLength(12);
});

test('when a store is gone that had the focus, the heading of the list takes it', async () => {
  const api = useFakeApi({ stores: [sampleStore({ name: 'Going', status: 'deleting' }), sampleStore()] });
  openDashboard();
  const button = await screen.findByRole('button', { name: 'Delete Going' });
  button.focus();
  api.stores = api.stores.slice(1);
  await letPass(5);
  await screen.findByText('Your Stores (1)');
  expect(screen.getByRole('heading', { name: 'Your Stores (1)' })).toHaveFocus();
});
