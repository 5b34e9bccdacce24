import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { problem, sampleInfo, useFakeApi, type FakeApi } from '../../testing/fake-api.ts';
import { openDashboard } from '../../testing/open-dashboard.tsx';
import { provisioningStore } from '../../testing/sample-stores.ts';

const openDialog = async (initial: Partial<FakeApi> = {}) => {
  const api = useFakeApi(initial);
  const { user } = openDashboard();
  await screen.findByText(/Your Stores \(/);
  await screen.findByText(/active stores/);
  const opener = screen.getByRole('button', { name: '+ Create Store' });
  await user.click(opener);
  const dialog = screen.getByRole('dialog', { name: 'Create New Store' });
  return { api, user, opener, dialog, name: screen.getByLabelText('Store Name') };
};

const submit = () => screen.getByRole('button', { name: '🚀 Create Store' });

test('the dialog asks for a name and a type', async () => {
  const { dialog, name } = await openDialog();
  const inside = within(dialog);
  expect(name).toHaveFocus();
  expect(inside.getByRole('radio', { name: /WooCommerce/ })).toBeChecked();
  const medusa = inside.getByRole('radio', { name: /MedusaJS/ });
  expect(medusa).toBeDisabled();
  expect(medusa).toHaveAccessibleName(/coming soon/);
  expect(inside.getByText('Provisioning takes 2-5 minutes')).toHaveClass('bg-blue-500/10');
  expect(inside.getByRole('button', { name: 'Cancel' })).toBeVisible();
  expect(inside.getByRole('button', { name: '🚀 Create Store' })).toBeVisible();
  expect(dialog.parentElement).toHaveClass('backdrop-blur-sm');
});

test('once stores became ready, the blue box says what they took', async () => {
  await openDialog({ info: sampleInfo({ usual_seconds_to_ready: 12.3 }) });
  expect(screen.getByText(/Provisioning usually takes 12 s/)).toBeVisible();
  expect(screen.queryByText('Provisioning takes 2-5 minutes')).toBeNull();
});

test('a name and Enter create the store; the dialog closes and the card is there at once', async () => {
  const { api, user, dialog, opener } = await openDialog();
  api.stores = [provisioningStore({ name: 'Harbour Books' })];
  await user.keyboard('  Harbour Books {Enter}');
  await waitFor(() => expect(dialog).not.toBeInTheDocument());
  expect(await screen.findByRole('article', { name: 'Harbour Books' })).toBeVisible();
  expect(api.writes).toEqual([
    {
      call: 'POST /api/stores',
      key: expect.stringMatching(/^[0-9a-f]{32}$/),
      body: { name: 'Harbour Books', type: 'woocommerce' },
    },
  ]);
  expect(opener).toHaveFocus();
});

test('the first store is created from the empty page, whose place the heading then takes', async () => {
  const api = useFakeApi();
  const { user } = openDashboard();
  await user.click(await screen.findByRole('button', { name: '+ Create your first store' }));
  api.stores = [provisioningStore({ name: 'Harbour Books' })];
  await user.keyboard('Harbour Books{Enter}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(screen.getByRole('heading', { name: 'Your Stores (1)' })).toHaveFocus();
});

test('while the store is being created the button says so and a second click does nothing', async () => {
  const { api, user } = await openDialog({ isSlow: true });
  await user.keyboard('My Shop{Enter}');
  const button = await screen.findByRole('button', { name: 'Creating…' });
  expect(button).toHaveAttribute('aria-disabled', 'true');
  await user.click(button);
  await user.keyboard('{Enter}');
  expect(api.writes).toHaveLength(1);
});

test.each([
  ['', 'The name needs at least 2 characters.'],
  [' x ', 'The name needs at least 2 characters.'],
  ['x'.repeat(101), 'The name may have at most 100 characters.'],
])('the name "%s" is refused at its field, without asking the platform', async (text, words) => {
  const { api, user, name } = await openDialog();
  if (text) await user.type(name, text);
  await user.click(submit());
  expect(name).toHaveAccessibleDescription(words);
  expect(name).toBeInvalid();
  expect(name).toHaveFocus();
  expect(api.writes).toEqual([]);
  await user.type(name, 'ab');
  expect(name).toBeValid();
});

test('what the platform says of the name stands at the field', async () => {
  const refusal = problem({ errors: [{ field: 'name', message: 'This name is not for shops.' }] });
  const { user, name, dialog } = await openDialog({ refusal });
  await user.keyboard('My Shop{Enter}');
  expect(await screen.findByText('This name is not for shops.')).toBeVisible();
  expect(name).toHaveAccessibleDescription('This name is not for shops.');
  expect(dialog).toBeVisible();
});

test('the limit is told with how to raise it, and the dialog stays', async () => {
  const refusal = problem({
    status: 429,
    code: 'store_limit',
    detail: '10 stores are active, and 10 is the limit.',
    hint: 'Raise MAX_ACTIVE_STORES.',
  });
  const { user, dialog, name } = await openDialog({ refusal });
  await user.keyboard('My Shop{Enter}');
  expect(await screen.findByRole('alert')).toHaveTextContent('the limit.Raise MAX_ACTIVE_STORES.');
  expect(dialog).toBeVisible();
  expect(name).toHaveValue('My Shop');
});

test('after a lost answer the same name goes with the same key, another name with another', async () => {
  const { api, user, name } = await openDialog({});
  api.isAway = true;
  await user.keyboard('My Shop{Enter}');
  await within(screen.getByRole('dialog')).findByRole('alert');
  await user.keyboard('{Enter}');
  await screen.findByRole('button', { name: '🚀 Create Store' });
  await user.type(name, ' 2{Enter}');
  await within(screen.getByRole('dialog')).findByRole('alert');
  const [first, second, third] = api.writes.map(({ key }) => key);
  expect(second).toBe(first);
  expect(third).not.toBe(first);
});

test('Tab goes round inside the dialog, in both directions', async () => {
  const { user, dialog } = await openDialog();
  const close = within(dialog).getByRole('button', { name: 'Close' });
  submit().focus();
  await user.tab();
  expect(close).toHaveFocus();
  await user.tab({ shift: true });
  expect(submit()).toHaveFocus();
});

test('what lies behind the dialog is inert, but the news are heard', async () => {
  const { user, opener } = await openDialog();
  expect(opener.closest('[inert]')).not.toBeNull();
  expect(document.querySelector('output[aria-label="News"]')?.closest('[inert]')).toBeNull();
  await user.keyboard('{Escape}');
  expect(opener.closest('[inert]')).toBeNull();
});

test.each(['Escape', 'Cancel', 'Close'])('%s closes the dialog and gives the focus back', async (way) => {
  const { user, dialog, opener } = await openDialog();
  if (way === 'Escape') await user.keyboard('{Escape}');
  else await user.click(within(dialog).getByRole('button', { name: way }));
  expect(dialog).not.toBeInTheDocument();
  expect(opener).toHaveFocus();
});
