import { describe, expect, test } from 'vitest';
import { numberAt, objectsAt, stringAt } from '../../objects/json.ts';
import {
  furnishStandInShop,
  recipeCommand,
  sampleRecipe,
  startStandInShop,
  type Browser,
  type Seen,
  type StandInShop,
} from '../../testing/stand-in-shop.ts';

const jsonOf = ({ body }: Seen): unknown => JSON.parse(body);

const productsOf = async (browser: Browser) =>
  objectsAt({ list: jsonOf(await browser.get('/wp-json/wc/store/v1/products')) }, 'list');

const buyer = {
  first_name: 'Ada',
  last_name: 'Lovelace',
  address_1: '1 Analytical Way',
  city: 'Los Angeles',
  postcode: '90001',
  email: 'ada@example.com',
  payment: 'cod',
};

const addFirst = async (browser: Browser): Promise<Seen> => {
  const [first] = await productsOf(browser);
  await browser.get('/shop/');
  return browser.submit('/cart/', { add: String(numberAt(first, 'id')) });
};

const logIn = (browser: Browser, pwd = 'Pass@1') => browser.submit('/wp-login.php', { log: 'admin', pwd });

const checkoutSettings = ({ body }: Seen): unknown => {
  const [, encoded = ''] =
    /wcSettings\s*\|\|\s*JSON\.parse\(\s*decodeURIComponent\(\s*'([^']*)'/.exec(body) ?? [];
  return JSON.parse(decodeURIComponent(encoded));
};

test('two shops share no session: the cookie of one’s admin opens nothing at the other', async () => {
  const [first, second] = [await furnishStandInShop(), await furnishStandInShop()];
  const { headers } = await first.browse().get('/wp-login.php');
  const [cookie = ''] = String(headers['set-cookie']).split(';');
  const form = { cookie, 'content-type': 'application/x-www-form-urlencoded' };
  await first.browse().send('POST', '/wp-login.php', form, 'log=admin&pwd=Pass%401');
  const knock = (shop: StandInShop) =>
    shop.browse().get('/wp-admin/', { follow: false, headers: { cookie } });
  expect((await knock(first)).status).toBe(200);
  const stranger = await knock(second);
  expect(stranger.status).toBe(302);
  expect(String(stranger.headers['set-cookie'])).not.toContain(cookie);
});

describe('before the recipe', () => {
  test('every address leads to the public installer, as in a fresh WordPress', async () => {
    const shop = await startStandInShop();
    const browser = shop.browse();
    const seen = await browser.get('/shop/', { follow: false });
    expect(seen).toMatchObject({ status: 302, headers: { location: '/wp-admin/install.php' } });
    expect((await browser.get('/')).body).toContain('Installation');
    expect((await browser.get('/wp-login.php')).status).toBe(200);
    expect(await shop.runtime.isReady(shop.pod)).toBe(true);
  });
});

describe('the recipe', () => {
  test('prints one line of JSON a step, and twice it makes the same three products', async () => {
    const shop = await startStandInShop();
    await shop.setRecipe(sampleRecipe);
    const runs = await Promise.all([shop.exec(recipeCommand), shop.exec(recipeCommand)]);
    for (const { exitCode, stdout } of runs) {
      expect(exitCode).toBe(0);
      const steps = stdout
        .trim()
        .split('\n')
        .map((line): unknown => JSON.parse(line));
      expect(steps).toHaveLength(5);
      for (const step of steps)
        expect(step).toEqual({ step: expect.any(String), ok: true, message: expect.any(String) });
    }
    const products = await productsOf(shop.browse());
    expect(products.map((product) => [product['sku'], stringAt(product, 'prices', 'price')])).toEqual([
      ['sample-headphones', '9999'],
      ['sample-speaker', '4999'],
      ['sample-cable', '999'],
    ]);
    expect(new Set(products.map(({ id }) => id)).size).toBe(3);
  });

  test('a second run keeps what was sold and who is admin', async () => {
    const shop = await furnishStandInShop();
    const browser = shop.browse();
    await addFirst(browser);
    await browser.get('/checkout/');
    await browser.submit('/checkout/', buyer);
    await shop.exec(recipeCommand);
    await logIn(browser);
    expect((await browser.get('/wp-admin/')).body).toContain('Ada Lovelace');
  });

  test('without its file it fails in words, and the next run works', async () => {
    const shop = await startStandInShop();
    const failed = await shop.exec(recipeCommand);
    expect(failed.exitCode).toBe(255);
    expect(failed.stderr).toContain('recipe.json');
    await shop.setRecipe(sampleRecipe);
    expect((await shop.exec(recipeCommand)).exitCode).toBe(0);
  });

  test('a script outside the mounts is not there', async () => {
    const shop = await startStandInShop();
    expect(await shop.exec(['php', '/elsewhere/setup.php'])).toMatchObject({ exitCode: 1, stdout: '' });
  });

  test.each([
    [['true'], 0, ''],
    [['false'], 1, ''],
    [['echo', 'a', 'b'], 0, 'a b\n'],
    [['sleep', '0'], 0, ''],
    [['sleep', 'long'], 1, ''],
    [['env', 'A=1', 'mysql'], 127, ''],
    [['cat', '/store-platform/recipe/../html/none'], 1, ''],
    [['setpriv', '--reuid=33', '--clear-groups', 'env', 'A=1', 'id', '-u'], 0, '33\n'],
  ])('the command %j ends with %d', async (command, exitCode, stdout) => {
    const shop = await startStandInShop();
    expect(await shop.exec(command)).toMatchObject({ exitCode, stdout });
  });
});

describe('a part that the recipe leaves out is missing in the shop', () => {
  const without = (part: keyof typeof sampleRecipe) => {
    const { [part]: _left, ...rest } = sampleRecipe;
    return rest;
  };
  const withOptions = (options: Record<string, unknown>) => ({
    ...sampleRecipe,
    options: { ...sampleRecipe.options, ...options },
  });

  test('payment: nobody can buy', async () => {
    const shop = await furnishStandInShop(without('payment'));
    const browser = shop.browse();
    await addFirst(browser);
    const checkout = await browser.get('/checkout/');
    expect(checkout.body).toContain('There are no payment methods available.');
    expect(checkoutSettings(checkout)).toMatchObject({ paymentMethodData: {} });
    const cart = await browser.get('/wp-json/wc/store/v1/cart');
    expect(jsonOf(cart)).toMatchObject({ payment_methods: [] });
  });

  test('enable_for_virtual: programs can buy, browsers can not', async () => {
    const cod = { enabled: 'yes', title: 'Cash on delivery' };
    const shop = await furnishStandInShop({ ...sampleRecipe, payment: { cod } });
    const browser = shop.browse();
    await addFirst(browser);
    const checkout = await browser.get('/checkout/');
    expect(checkout.body).toContain('There are no payment methods available.');
    expect(checkoutSettings(checkout)).toMatchObject({
      paymentMethodData: { cod: { enableForVirtual: false } },
    });
    expect((await browser.submit('/checkout/', buyer)).status).toBe(400);
    const cart = await browser.get('/wp-json/wc/store/v1/cart');
    expect(jsonOf(cart)).toMatchObject({ payment_methods: ['cod'] });
  });

  test('coming soon: visitors see no shop, the admin does', async () => {
    const shop = await furnishStandInShop(withOptions({ woocommerce_coming_soon: 'yes' }));
    const browser = shop.browse();
    const hidden = await browser.get('/shop/');
    expect(hidden.body).toContain('Great things are on the horizon');
    expect(hidden.body).not.toContain('Wireless Headphones');
    await logIn(browser);
    expect((await browser.get('/shop/')).body).toContain('Wireless Headphones');
  });

  test.each([undefined, ''])('permalinks %j: every path shows the home page', async (permalink_structure) => {
    const shop = await furnishStandInShop(withOptions({ permalink_structure }));
    const browser = shop.browse();
    for (const path of ['/shop/', '/wp-json/', '/checkout/']) {
      const seen = await browser.get(path);
      expect(seen.status).toBe(200);
      expect(seen.body).toContain('Hello world!');
      expect(seen.body).not.toContain('Wireless Headphones');
    }
    expect((await browser.get('/wp-login.php')).body).toContain('Password');
  });

  test('plugin: no shop at all', async () => {
    const browser = (await furnishStandInShop(without('plugin'))).browse();
    expect((await browser.get('/shop/')).status).toBe(404);
    expect((await browser.get('/')).body).toContain('Hello world!');
    expect((await browser.get('/wp-json/')).status).toBe(200);
  });

  test('theme: the last line of each page says so', async () => {
    const recipe = await furnishStandInShop();
    expect((await recipe.browse().get('/')).body).toContain('Theme: storefront 4.6.2');
    const shop = await furnishStandInShop(without('theme'));
    expect((await shop.browse().get('/')).body).not.toContain('storefront');
  });

  test('products: an empty shop', async () => {
    const shop = await furnishStandInShop(without('products'));
    expect((await shop.browse().get('/shop/')).body).toContain('No products were found.');
  });

  test('admin: WordPress is not installed, and shows its installer everywhere', async () => {
    const browser = (await furnishStandInShop(without('admin'))).browse();
    expect(await browser.get('/shop/', { follow: false })).toMatchObject({
      status: 302,
      headers: { location: '/wp-admin/install.php' },
    });
    expect((await logIn(browser)).body).toContain('Installation');
  });

  test('another name: that one shows, and not the one that was wanted', async () => {
    const other = { ...sampleRecipe, shop: { ...sampleRecipe.shop, name: 'Other Shop' } };
    const browser = (await furnishStandInShop(other)).browse();
    expect(jsonOf(await browser.get('/wp-json/'))).toMatchObject({ name: 'Other Shop' });
    for (const path of ['/', '/shop/', '/wp-login.php']) {
      const { body } = await browser.get(path);
      expect(body).toMatch(/<title>[^<]* – Other Shop<\/title>/);
      expect(body).not.toContain('My Shop');
    }
  });

  test('one product of three, or its price: it is missing or wrong wherever products show', async () => {
    const [headphones, speaker] = sampleRecipe.products;
    const products = [headphones, { ...speaker, price: '50.00' }];
    const browser = (await furnishStandInShop({ ...sampleRecipe, products })).browse();
    for (const path of ['/', '/shop/']) {
      const { body } = await browser.get(path);
      expect(body).toContain('$50.00');
      expect(body).not.toMatch(/USB-C Cable|\$49\.99/);
    }
    expect(await productsOf(browser)).toHaveLength(2);
  });

  test('the password: nobody can log in, and an empty one is no key', async () => {
    const shop = await startStandInShop({});
    await shop.setRecipe(sampleRecipe);
    await shop.exec(recipeCommand);
    expect((await logIn(shop.browse(), '')).body).toContain('is not right');
  });

  test('currency and country: prices and checkout have others', async () => {
    const shop = await furnishStandInShop(
      withOptions({ woocommerce_currency: 'EUR', woocommerce_default_country: undefined }),
    );
    const browser = shop.browse();
    expect((await browser.get('/shop/')).body).toContain('€99.99');
    await addFirst(browser);
    const valueOf = (name: string, { body }: Seen) =>
      new RegExp(`<input[^>]*name="${name}"[^>]*value="([^"]*)"`).exec(body)?.[1];
    expect(valueOf('country', await browser.get('/checkout/'))).toBe('');
    const american = (await furnishStandInShop()).browse();
    await addFirst(american);
    const checkout = await american.get('/checkout/');
    expect([valueOf('country', checkout), valueOf('state', checkout)]).toEqual(['US', 'CA']);
  });

  test('onboarding: the wizard waits for the admin', async () => {
    const shop = await furnishStandInShop(withOptions({ woocommerce_onboarding_profile: {} }));
    const browser = shop.browse();
    await logIn(browser);
    expect((await browser.get('/wp-admin/')).body).toContain('Finish setting up your store');
  });
});
