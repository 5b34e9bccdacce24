import { expect, test } from 'vitest';
import { numberAt, objectsAt, stringAt } from '../../objects/json.ts';
import {
  furnishStandInShop,
  sampleRecipe,
  startStandInShop,
  type Browser,
  type Seen,
  type StandInShop,
} from '../../testing/stand-in-shop.ts';

const jsonOf = ({ body }: Seen): unknown => JSON.parse(body);
const api = '/wp-json/wc/store/v1';

const idOf = async (browser: Browser, name: string): Promise<number> => {
  const products = objectsAt({ list: jsonOf(await browser.get(`${api}/products`)) }, 'list');
  return (
    numberAt(
      products.find((product) => product['name'] === name),
      'id',
    ) ?? 0
  );
};

const putInCart = async (browser: Browser, name = 'Wireless Headphones', quantity = '1'): Promise<Seen> => {
  const add = String(await idOf(browser, name));
  await browser.get('/shop/');
  return browser.submit('/cart/', { add, quantity });
};

const buyer = {
  first_name: 'Ada',
  last_name: 'Lovelace',
  address_1: '1 Analytical Way',
  city: 'Los Angeles',
  postcode: '90001',
  email: 'ada@example.com',
  payment: 'cod',
};

const buy = async (browser: Browser, changes: Record<string, string> = {}): Promise<Seen> => {
  await browser.get('/checkout/');
  return browser.submit('/checkout/', { ...buyer, ...changes });
};

const asAdmin = async (shop: StandInShop): Promise<Browser> => {
  const browser = shop.browse();
  await browser.submit('/wp-login.php', { log: 'admin', pwd: 'Pass@1' });
  return browser;
};

test('a visitor browses, buys with cash on delivery, and the admin finds the order', async () => {
  const shop = await furnishStandInShop();
  const visitor = shop.browse();
  const list = await visitor.get('/shop/');
  for (const text of ['Wireless Headphones', '$99.99', 'Bluetooth Speaker', '$49.99', 'USB-C Cable', '$9.99'])
    expect(list.body).toContain(text);
  expect((await visitor.get('/product/usb-c-cable/')).body).toContain('$9.99');
  await putInCart(visitor, 'USB-C Cable', '2');
  const cart = await putInCart(visitor);
  expect(cart.body).toContain('Total: $119.97');
  expect((await visitor.get('/checkout/')).body).toContain('Cash on delivery');

  const received = await buy(visitor);
  expect(received.body).toContain('Thank you. Your order has been received.');
  const number = /Order number: <strong>(\d+)</.exec(received.body)?.[1];
  expect((await visitor.get('/cart/')).body).toContain('Your cart is currently empty.');

  const admin = await asAdmin(shop);
  const orders = await admin.get('/wp-admin/admin.php?page=wc-orders');
  expect(orders.body).toContain(`#${number} Ada Lovelace`);
  expect(orders.body).toContain('$119.97');
  const detail = await admin.get(`/wp-admin/admin.php?page=wc-orders&action=edit&id=${number}`);
  expect(detail.body).toContain('Payment via Cash on delivery');
  expect(detail.body).toContain('1 Analytical Way');
});

test('orders outlive a restart of the pod', async () => {
  const shop = await furnishStandInShop();
  const visitor = shop.browse();
  await putInCart(visitor);
  await buy(visitor);
  await shop.restart();
  expect((await (await asAdmin(shop)).get('/wp-admin/')).body).toContain('Ada Lovelace');
});

test('two visitors have two carts', async () => {
  const shop = await furnishStandInShop();
  const [first, second] = [shop.browse(), shop.browse()];
  await putInCart(first);
  await putInCart(second, 'USB-C Cable');
  expect((await first.get('/cart/')).body).not.toContain('Quantity of USB-C Cable');
  expect((await second.get('/cart/')).body).not.toContain('Quantity of Wireless Headphones');
});

test('names and what customers type are text wherever they show', async () => {
  const name = `<script>alert(1)</script> & "Söhne" 🛍️ $(x) 'q'`;
  const shown = '&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;Söhne&quot; 🛍️ $(x) &#039;q&#039;';
  const shop = await furnishStandInShop({
    ...sampleRecipe,
    shop: { ...sampleRecipe.shop, name },
    payment: { cod: { ...sampleRecipe.payment.cod, title: "Cash <b>'now'</b>" } },
    products: [{ sku: 'x', name, price: '1.00' }],
  });
  const visitor = shop.browse();
  expect(jsonOf(await visitor.get('/wp-json/'))).toMatchObject({ name: shown });
  await putInCart(visitor, shown);
  const pages = [await visitor.get('/'), await visitor.get('/shop/'), await visitor.get('/cart/')];
  const checkout = await visitor.get('/checkout/');
  const received = await buy(visitor, { first_name: '<script>alert(2)</script>', city: '"><b>' });
  const admin = await asAdmin(shop);
  const orders = await admin.get('/wp-admin/');
  const number = /id=(\d+)"/.exec(orders.body)?.[1];
  const detail = await admin.get(`/wp-admin/admin.php?id=${number}`);
  const login = await visitor.get('/wp-login.php');
  for (const { status, body } of [...pages, checkout, received, login, orders, detail]) {
    expect(status).toBe(200);
    expect(/<title>(.*)<\/title>/.exec(body)?.[1]).toMatch(
      / – &lt;script&gt;alert\(1\)&lt;\/script&gt; &amp; &quot;/,
    );
    expect(body).toContain(shown);
    expect(body).not.toMatch(/<script>alert|<b>/);
  }
  expect(checkout.body).toContain('Cash &lt;b&gt;');
});

test('every page says in its bar that it is a stand-in', async () => {
  const shop = await furnishStandInShop();
  const visitor = shop.browse();
  const pages = [
    '/',
    '/shop/',
    '/product/usb-c-cable/',
    '/cart/',
    '/checkout/',
    '/my-account/',
    '/wp-login.php',
  ];
  const seen: Seen[] = [];
  for (const path of pages) seen.push(await visitor.get(path));
  await putInCart(visitor);
  seen.push(await visitor.get('/cart/'), await visitor.get('/checkout/'), await buy(visitor));
  const admin = await asAdmin(shop);
  const orders = await admin.get('/wp-admin/');
  const number = /id=(\d+)"/.exec(orders.body)?.[1];
  seen.push(orders, await admin.get(`/wp-admin/admin.php?page=wc-orders&action=edit&id=${number}`));
  for (const { status } of seen) expect(status).toBe(200);
  const missing = await visitor.get('/nothing');
  const refused = await visitor.send('PUT', '/cart/');
  const wrong = await visitor.submit('/wp-login.php', { log: 'admin', pwd: 'wrong' });
  const installer = await (await startStandInShop()).browse().get('/');
  expect([missing.status, refused.status, wrong.status, installer.status]).toEqual([404, 405, 403, 200]);
  for (const { body } of [...seen, missing, refused, wrong, installer])
    expect(body).toMatch(/<body>\s*<div class="bar">Stand-in shop:/);
});

test.each([
  ['a product that does not exist', '/cart/', { add: '9999' }, 'This product does not exist'],
  ['a quantity of zero', '/cart/', { add: 'first', quantity: '0' }, 'whole number from 1 to 999'],
  ['a quantity that is no number', '/cart/', { add: 'first', quantity: '1e3' }, 'whole number from 1 to 999'],
  ['a negative quantity in the cart', '/cart/', { 'quantity-first': '-1' }, 'whole number from 0 to 999'],
  ['missing fields', '/checkout/', { ...buyer, city: ' ', email: '' }, 'Please fill in: City, Email'],
  ['an email without an @', '/checkout/', { ...buyer, email: 'ada' }, 'Please enter an email address'],
  ['no payment method', '/checkout/', { ...buyer, payment: 'card' }, 'Please choose a payment method'],
])('%s is refused in words', async (_what, path, fields, words) => {
  const shop = await furnishStandInShop();
  const browser = shop.browse();
  await putInCart(browser);
  const first = String(await idOf(browser, 'Wireless Headphones'));
  const form = Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key.replace('first', first),
      value === 'first' ? first : value,
    ]),
  );
  await browser.get('/cart/');
  const seen = await browser.submit(path, path === '/checkout/' ? fields : form);
  expect(seen.status).toBe(400);
  expect(seen.body).toContain(words);
  expect(jsonOf(await browser.get(`${api}/cart`))).toMatchObject({ items_count: 1 });
});

test('what was typed stays in the form that is shown again', async () => {
  const shop = await furnishStandInShop();
  const browser = shop.browse();
  await putInCart(browser);
  expect((await buy(browser, { email: '' })).body).toContain('value="1 Analytical Way"');
});

test('a form from elsewhere, without this visitor’s nonce, changes nothing', async () => {
  const shop = await furnishStandInShop();
  const browser = shop.browse();
  await putInCart(browser);
  await browser.get('/checkout/');
  const seen = await browser.submit('/checkout/', { ...buyer, nonce: 'guess' });
  expect(seen.status).toBe(403);
  expect((await (await asAdmin(shop)).get('/wp-admin/')).body).toContain('No orders yet.');
});

test('a receipt is shown to whoever has its key, not to whoever counts', async () => {
  const shop = await furnishStandInShop();
  const visitor = shop.browse();
  await putInCart(visitor);
  const number = /Order number: <strong>(\d+)</.exec((await buy(visitor)).body)?.[1];
  expect((await shop.browse().get(`/checkout/order-received/${number}/`)).status).toBe(404);
});

test('two presses on Place order make one order', async () => {
  const shop = await furnishStandInShop();
  const visitor = shop.browse();
  await putInCart(visitor);
  await visitor.get('/checkout/');
  await Promise.all([visitor.submit('/checkout/', buyer), visitor.submit('/checkout/', buyer)]);
  const { body } = await (await asAdmin(shop)).get('/wp-admin/');
  expect(body.match(/#\d+ Ada Lovelace/g)).toHaveLength(1);
});

test('the admin pages ask for the login, take the right one alone, and let go on logout', async () => {
  const shop = await furnishStandInShop();
  const browser = shop.browse();
  const asked = await browser.get('/wp-admin/', { follow: false });
  expect(asked).toMatchObject({
    status: 302,
    headers: { location: expect.stringContaining('wp-login.php') },
  });
  await browser.submit('/wp-login.php', { log: 'admin', pwd: 'wrong' });
  expect((await browser.get('/wp-admin/', { follow: false })).status).toBe(302);

  const admin = await asAdmin(shop);
  const { body } = await admin.get('/wp-admin/');
  expect(body).toContain('Signed in as <strong>admin</strong>');
  await admin.get('/wp-login.php?action=logout');
  expect((await admin.get('/wp-admin/', { follow: false })).status).toBe(200);
  const logOut = /href="(\/wp-login\.php\?action=logout[^"]*)"/.exec(body)?.[1]?.replace('&amp;', '&') ?? '';
  await admin.get(logOut);
  expect((await admin.get('/wp-admin/', { follow: false })).status).toBe(302);
});

test('the Store API fills a cart with its nonce or its cart token, and refuses writes without', async () => {
  const shop = await furnishStandInShop();
  const browser = shop.browse();
  const item = JSON.stringify({ id: await idOf(browser, 'Wireless Headphones'), quantity: 2 });
  const { headers } = await browser.get(`${api}/cart`);
  const add = (who: Browser, sent: Record<string, string>) =>
    who.send('POST', `${api}/cart/add-item`, { 'content-type': 'application/json', ...sent }, item);

  const missing = await add(browser, {});
  expect([missing.status, stringAt(jsonOf(missing), 'code')]).toEqual([
    401,
    'woocommerce_rest_missing_nonce',
  ]);
  expect((await add(browser, { nonce: 'guess' })).status).toBe(403);
  const added = await add(browser, { nonce: String(headers['nonce']) });
  expect([added.status, numberAt(jsonOf(added), 'items_count')]).toEqual([201, 2]);
  expect(jsonOf(added)).toMatchObject({ totals: { total_price: '19998', currency_code: 'USD' } });
  const byToken = await add(shop.browse(), { 'cart-token': String(headers['cart-token']) });
  expect(numberAt(jsonOf(byToken), 'items_count')).toBe(4);
});

test('the Store API takes a product out of the cart again, once', async () => {
  const shop = await furnishStandInShop();
  const browser = shop.browse();
  await putInCart(browser);
  const { headers, body } = await browser.get(`${api}/cart`);
  const [item] = objectsAt(JSON.parse(body), 'items');
  const remove = (sent: Record<string, string>) =>
    browser.send('POST', `${api}/cart/remove-item`, sent, JSON.stringify({ key: item?.['key'] }));
  expect((await remove({})).status).toBe(401);
  const nonce = String(headers['nonce']);
  const removed = await remove({ nonce });
  expect([removed.status, jsonOf(removed)]).toEqual([
    200,
    expect.objectContaining({ items_count: 0, items: [] }),
  ]);
  const again = await remove({ nonce });
  expect([again.status, stringAt(jsonOf(again), 'code')]).toEqual([409, 'woocommerce_rest_cart_invalid_key']);
});

test.each([
  ['{', 400],
  ['{"id":1e9}', 400],
  ['{"id":10,"quantity":-1}', 400],
])('the Store API refuses %s', async (body, status) => {
  const shop = await furnishStandInShop();
  const browser = shop.browse();
  const { headers } = await browser.get(`${api}/cart`);
  const sent = { nonce: String(headers['nonce']) };
  expect((await browser.send('POST', `${api}/cart/add-item`, sent, body)).status).toBe(status);
});

test('odd requests get a page: unknown paths, other verbs, no slash, forms without end', async () => {
  const shop = await furnishStandInShop();
  const browser = shop.browse();
  expect((await browser.get('/product/none/')).status).toBe(404);
  expect((await browser.get('//')).status).toBe(404);
  expect((await browser.get('/%')).status).toBe(404);
  expect(await browser.send('PUT', '/cart/')).toMatchObject({ status: 405, headers: { allow: 'GET, POST' } });
  expect((await browser.get('/shop', { follow: false })).headers.location).toBe('/shop/');
  expect((await browser.submit('/checkout/', { city: 'x'.repeat(100_000) })).status).toBe(413);
  expect((await browser.submit('/cart/', { add: '🛒'.repeat(9000) })).status).toBe(413);
});
