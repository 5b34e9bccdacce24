import { expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { describeWithProgram } from '@store-platform/shared/testing/describe-with-program';
import { buyAsGuest, findOrder } from './buy-as-guest.ts';
import { startPlatform, usePlatformFolder } from './start-platform.ts';
import { useBrowser } from './use-browser.ts';

/** Follows a link that opens a tab of its own. */
const openTab = async (page: Page, name: string): Promise<Page> => {
  const [tab] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('link', { name, exact: true }).click(),
  ]);
  await tab.waitForLoadState();
  return tab;
};

describeWithProgram('chromium', 'a person with a browser', () => {
  it('makes a store, buys in it with Cash on Delivery, finds the order, and deletes the store', async () => {
    const platform = await startPlatform(await usePlatformFolder());
    const page = await useBrowser();
    await page.goto(platform.dashboard);
    await page.getByRole('button', { name: '+ Create Store' }).click();
    await page.getByLabel('Store Name').fill('Ann’s <b>Tea</b> & Co');
    await page.getByRole('button', { name: '🚀 Create Store' }).click();
    const card = page.getByRole('article').filter({ hasText: 'Ann’s <b>Tea</b> & Co' });
    await card.getByText('✅ Ready').waitFor();

    const shop = await openTab(page, '🛒 Open Store');
    const order = await buyAsGuest(shop, () => {});
    const admin = await openTab(page, '⚙️ Admin');
    await findOrder(admin, { user: 'admin', password: 'Admin@123' }, order, () => {});

    await card.getByRole('button', { name: /^Delete/ }).click();
    await page.getByRole('button', { name: 'Yes, Delete' }).click();
    await card.waitFor({ state: 'detached' });
    expect((await shop.reload())?.status()).toBe(404);
  });
});
