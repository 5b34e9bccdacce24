import type { Page } from 'playwright-core';
import { sampleProducts } from '../services/worker/src/wordpress/recipe.ts';

/** Tells what has just been seen to be so. */
export type Tell = (sentence: string) => void | Promise<void>;

const customer = [
  ['Email address', 'ann@example.com'],
  ['First name', 'Ann'],
  ['Last name', 'Lee'],
  ['Address', '1 Road'],
  ['City', 'Los Angeles'],
  ['ZIP Code', '90001'],
] as const;
const products = sampleProducts.map(({ name }) => name);

/**
 * Buys a cable as a guest with Cash on Delivery, by what a person sees and clicks: in WooCommerce and in the stand-in.
 * @param shop a page that shows the shop
 * @returns the order's number
 * @throws playwright's TimeoutError that names what didn't appear
 */
export const buyAsGuest = async (shop: Page, tell: Tell): Promise<string> => {
  await shop.getByRole('link', { name: 'Shop', exact: true }).first().click();
  for (const name of products) await shop.getByRole('heading', { name }).first().waitFor();
  await tell(`/shop/ shows ${products.join(', ')}.`);

  await shop.locator('[aria-label*="USB-C Cable"]').first().click();
  // WooCommerce adds in the background and then offers its cart; the stand-in goes there.
  const offer = shop.locator('a.added_to_cart');
  await Promise.race([offer.waitFor(), shop.waitForURL('**/cart/')]);
  if (await offer.isVisible()) await offer.click();
  await shop.getByRole('link', { name: 'Proceed to checkout' }).waitFor();
  await shop.getByText('USB-C Cable').first().waitFor();
  await tell('The cart holds a USB-C Cable.');

  await shop.getByRole('link', { name: 'Proceed to checkout' }).click();
  for (const [label, text] of customer) await shop.getByLabel(label, { exact: true }).fill(text);
  await shop.getByText('Cash on delivery').first().waitFor();
  await tell('The checkout offers Cash on Delivery.');

  // WooCommerce tells its server who buys as soon as a field is left; a click meanwhile may be lost.
  if (await shop.locator('.wp-block-woocommerce-checkout').isVisible()) {
    await Promise.all([shop.waitForResponse(/\/wc\/store\//), shop.keyboard.press('Tab')]);
  }
  await placeOrder(shop);
  await shop.waitForURL('**/order-received/**');
  await shop.getByText('Your order has been received').first().waitFor();
  const [, number = ''] = /order-received\/(\d+)/.exec(shop.url()) ?? [];
  await tell(`Order ${number} is received.`);
  return number;
};

/** A checkout that still hears from its server who buys loses a click without a word: whoever sees nothing clicks again. */
const placeOrder = async (shop: Page): Promise<void> => {
  const button = shop.getByRole('button', { name: 'Place order' });
  if (!(await shop.locator('.wp-block-woocommerce-checkout').isVisible())) return button.click();
  for (let clicks = 0; clicks < mostClicks; clicks += 1) {
    const sent = shop
      .waitForRequest(
        (request) => request.method() === 'POST' && /\/store\/v1\/checkout/.test(request.url()),
        {
          timeout: seenAfterMs,
        },
      )
      .then(
        () => true,
        () => false,
      );
    await button.click();
    if (await sent) return;
  }
};
const mostClicks = 5;
const seenAfterMs = 5000;

/** Logs in at a page that asks for it, and finds the order in the list. */
export const findOrder = async (
  admin: Page,
  { user, password }: { user: string; password: string },
  order: string,
  tell: Tell,
): Promise<void> => {
  await admin.getByLabel('Username or Email Address').fill(user);
  await admin.getByLabel('Password', { exact: true }).fill(password);
  await admin.getByRole('button', { name: 'Log In' }).click();
  await admin.waitForURL('**/wp-admin/**');
  await admin.goto(new URL('/wp-admin/admin.php?page=wc-orders', admin.url()).href);
  await admin.getByText(`#${order} Ann Lee`).first().waitFor();
  await tell(`wp-admin lists order ${order} of Ann Lee.`);
};
