import { expect, it } from 'vitest';
import { startFakeShop, type ShopAnswers } from '../testing/fake-shop.ts';
import { sampleProducts } from './recipe.ts';
import { verifyShop } from './verify-shop.ts';

const name = `Tom & Ada’s "Shop" <b>😀</b>`;
const url = 'http://store-ab12cd34.localhost:8080';

const open = async (spoil: (answers: ShopAnswers) => void = () => {}) => {
  const shop = await startFakeShop('Tom &amp; Ada&#8217;s &quot;Shop&quot; &lt;b&gt;😀&lt;/b&gt;');
  spoil(shop.answers);
  const verify = (signal = new AbortController().signal) =>
    verifyShop({ name, url, address: shop.address, products: sampleProducts }, signal);
  return { ...shop, verify };
};

it('a shop that sells is asked as a customer would, by its own name, and left with an empty cart', async () => {
  const { verify, visits } = await open();
  await verify();
  expect(visits).toEqual(
    [
      'GET /',
      'GET /wp-json/?_fields=name',
      'GET /shop/',
      'GET /wp-json/wc/store/v1/products',
      'GET /wp-json/wc/store/v1/cart',
      'POST /wp-json/wc/store/v1/cart/add-item',
      'GET /checkout/',
      'POST /wp-json/wc/store/v1/cart/remove-item',
      'GET /wp-admin/',
    ].map((visit) => visit.replace(' ', ' store-ab12cd34.localhost:8080')),
  );
});

it('a shop of newer WooCommerce, which writes its checkout in another way, sells as well', async () => {
  const { verify } = await open((answers) => (answers.settings = 'wcSettings = JSON.parse'));
  await expect(verify()).resolves.toBeUndefined();
});

const faults: [string, (answers: ShopAnswers) => void, RegExp][] = [
  ['has another name', (answers) => (answers.name = 'My Blog'), /should be called "Tom .*"My Blog"/],
  [
    'shows its name encoded twice',
    (answers) => (answers.name = answers.name.replaceAll('&', '&amp;')),
    /should be called/,
  ],
  [
    'lacks a product',
    (answers) => (answers.shopPage = answers.shopPage.replace('Bluetooth Speaker', 'Sold out')),
    /\/shop\/ should show Bluetooth Speaker: it answered 200 without it/,
  ],
  [
    'shows the home page at every address',
    (answers) => (answers.shopPage = '<h1>Hello world!</h1>'),
    /should show Wireless Headphones/,
  ],
  ...sampleProducts.map(({ name, price }): [string, (answers: ShopAnswers) => void, RegExp] => [
    `asks another price for the ${name}`,
    (answers) => (answers.shopPage = answers.shopPage.replace(`>${price}<`, '>1.00<')),
    new RegExp(`should show the price ${price}: `),
  ]),
  [
    'does not list its product in the Store API',
    (answers) => (answers.listed = []),
    /The Store API should list Wireless Headphones/,
  ],
  [
    'keeps nothing in the cart',
    (answers) => (answers.cart = { items_count: 0, items: [] }),
    /The cart should hold one product: it answered 201/,
  ],
  [
    'offers Cash on Delivery to the server alone, and to no browser',
    (answers) => (answers.checkout = { paymentMethodData: { cod: { enableForVirtual: false } } }),
    /The checkout should offer Cash on Delivery/,
  ],
  [
    'offers no way to pay',
    (answers) => (answers.checkout = { paymentMethodData: {} }),
    /The checkout should offer Cash on Delivery/,
  ],
  [
    'lets anyone into its administration',
    (answers) => (answers.admin = { status: 200, location: '' }),
    /\/wp-admin\/ should ask for the login: it answered 200/,
  ],
  [
    'still shows its installer',
    (answers) => (answers.admin = { status: 302, location: '/wp-admin/install.php' }),
    /should ask for the login/,
  ],
];

it.each(faults)('a shop that %s is refused with a sentence', async (_what, spoil, sentence) => {
  const { verify } = await open(spoil);
  await expect(verify()).rejects.toMatchObject({
    code: 'shop_not_selling',
    message: expect.stringMatching(sentence),
    retryable: true,
  });
});

it.each([404, 502, 503, 504])(
  'a shop whose ingress answers %d is refused with that address',
  async (status) => {
    const { verify, address } = await open((answers) => (answers.frontPage = status));
    await expect(verify()).rejects.toMatchObject({
      code: 'ingress_away',
      message: `The ingress at 127.0.0.1:${address.port} does not lead to the shop: it answered ${status}.`,
      retryable: true,
    });
  },
);

it('a shop that can not be reached is refused with the address that was tried', async () => {
  const nobody = { host: '127.0.0.1', port: 1 };
  await expect(
    verifyShop({ name, url, address: nobody, products: sampleProducts }, new AbortController().signal),
  ).rejects.toMatchObject({ code: 'ingress_away', message: 'Nothing answers at 127.0.0.1:1: ECONNREFUSED.' });
});

it('a shop that answers nothing is left when the stage ends', async () => {
  const { verify, visits } = await open((answers) => (answers.silent = true));
  const stage = new AbortController();
  const asking = verify(stage.signal);
  await expect.poll(() => visits.length).toBe(1);
  stage.abort();
  await expect(asking).rejects.toMatchObject({ code: 'ingress_away' });
});
