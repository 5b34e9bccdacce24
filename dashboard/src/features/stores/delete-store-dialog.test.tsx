import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { useFakeApi } from '../../testing/fake-api.ts';
import { letPass, openDashboard } from '../../testing/open-dashboard.tsx';
import { sampleStore } from '../../testing/sample-stores.ts';

const openDialog = async () => {
  const store = sampleStore({ name: 'Harbour Books' });
  const api = useFakeApi({ stores: [store] });
  const { user } = openDashboard();
  const bin = await screen.findByRole('button', { name: 'Delete Harbour Books' });
  await user.click(bin);
  return { api, store, user, bin, dialog: screen.getByRole('dialog', { name: 'Delete Store' }) };
};

test('the dialog names the store and lists what goes', async () => {
  const { dialog, store } = await openDialog();
  const inside = within(dialog);
  expect(inside.getByText('Harbour Books')).toBeVisible();
  const going = inside.getAllByRole('listitem').map(({ textContent }) => textContent);
  expect(going).toEqual([
    `the Kubernetes namespace ${store.namespace} and everything in it`,
    'the MySQL database with all orders, customers and products',
    'the WordPress files and uploads',
    `the address ${store.url}`,
  ]);
  expect(inside.getByRole('list').parentElement).toHaveClass('border-red-500/40');
  expect(inside.getByRole('button', { name: 'Yes, Delete' })).toHaveClass('bg-red-600');
});

test('"Yes, Delete" deletes it, and the card shows so at once', async () => {
  const { api, store, user, dialog, bin } = await openDialog();
  api.stores = [{ ...store, status: 'deleting' }];
  await user.click(within(dialog).getByRole('button', { name: 'Yes, Delete' }));
  await waitFor(() => expect(dialog).not.toBeInTheDocument());
  expect(api.writes.map(({ call }) => call)).toEqual([`DELETE /api/stores/${store.store_id}`]);
  expect(await screen.findByText('🗑️ Deleting')).toBeVisible();
  expect(bin).toHaveFocus();
});

test('a store that somebody else has deleted meanwhile is no error', async () => {
  const { api, user, dialog } = await openDialog();
  api.stores = [];
  await user.click(within(dialog).getByRole('button', { name: 'Yes, Delete' }));
  expect(await screen.findByText('No stores yet')).toBeVisible();
  await waitFor(() => expect(dialog).not.toBeInTheDocument());
  expect(screen.getByRole('heading', { name: 'Your Stores (0)' })).toHaveFocus();
});

test('a card that went while the dialog was open leaves the focus to the heading', async () => {
  const { api, user } = await openDialog();
  api.stores = [];
  await letPass(5);
  await screen.findByText('No stores yet');
  await user.keyboard('{Escape}');
  expect(screen.getByRole('heading', { name: 'Your Stores (0)' })).toHaveFocus();
});

test('Cancel and Escape delete nothing and give the focus back', async () => {
  const { api, user, dialog, bin } = await openDialog();
  await user.click(within(dialog).getByRole('button', { name: 'Cancel' }));
  expect(bin).toHaveFocus();
  await user.keyboard('{Enter}');
  expect(screen.getByRole('dialog', { name: 'Delete Store' })).toBeVisible();
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(bin).toHaveFocus();
  expect(api.writes).toEqual([]);
});
