import { z } from 'zod';
import { PlatformError } from '@store-platform/shared/contract/problem';
import { cleanText } from '@store-platform/shared/text/clean-text';
import { decodeEntities } from './decode-entities.ts';
import type { RecipeProduct } from './recipe.ts';
import { createShopVisitor, type ShopVisitor } from './shop-visitor.ts';
import { tryJson } from '@store-platform/shared/text/try-json';

export interface ShopToVerify {
  readonly name: string;
  readonly url: string;
  /** Where the ingress is reached; the shop's own name goes into the Host header. */
  readonly address: { readonly host: string; readonly port: number };
  readonly products: readonly RecipeProduct[];
}

/**
 * Asks the shop, through its ingress and as a visitor would, for all that makes it one that sells. A 200 proves nothing:
 * what counts is the content.
 * @throws PlatformError `shop_not_selling` that says what was asked for and what came instead.
 */
export const verifyShop = async (shop: ShopToVerify, signal: AbortSignal): Promise<void> => {
  const visitor = createShopVisitor(shop, signal);
  await isLedTo(visitor, shop);
  await hasName(visitor, shop.name);
  await showsProducts(visitor, shop.products);
  const cart = await fillsCart(visitor, shop.products);
  await offersCashOnDelivery(visitor);
  await emptyCart(visitor, cart);
  await asksForLogin(visitor);
};

const refuse: (asked: string, came: string) => never = (asked, came) => {
  throw new PlatformError('shop_not_selling', `${asked}: ${cleanText(came, 200)}`);
};

/** What an ingress controller answers for a host that it doesn't know, or whose pods it doesn't see; WordPress never does. */
const strayAnswers: ReadonlySet<number> = new Set([404, 502, 503, 504]);

const isLedTo = async (visitor: ShopVisitor, { address: { host, port } }: ShopToVerify) => {
  const { status } = await visitor.get('/', { follow: false });
  if (!strayAnswers.has(status)) return;
  throw new PlatformError(
    'ingress_away',
    `The ingress at ${host}:${port} does not lead to the shop: it answered ${status}.`,
  );
};

const hasName = async (visitor: ShopVisitor, name: string) => {
  const { status, body } = await visitor.get('/wp-json/?_fields=name');
  const site = z.object({ name: z.string() }).safeParse(tryJson(body));
  if (!site.success) refuse("The shop's /wp-json/ should tell its name", `it answered ${status}: ${body}`);
  const shown = decodeEntities(site.data.name);
  if (shown !== name) refuse(`The shop should be called "${name}"`, `it is called "${shown}"`);
};

const showsProducts = async (visitor: ShopVisitor, products: readonly RecipeProduct[]) => {
  const { status, body } = await visitor.get('/shop/');
  const text = decodeEntities(body.replaceAll(/<[^>]*>/g, ''));
  for (const { name, price } of products) {
    if (!text.includes(name)) refuse(`/shop/ should show ${name}`, `it answered ${status} without it`);
    if (!showsPrice(text, price))
      refuse(`/shop/ should show the price ${price}`, `it answered ${status} without it`);
  }
};

/** As a figure of its own: 9.99 is also the end of 99.99. */
const showsPrice = (text: string, price: string): boolean =>
  new RegExp(String.raw`(?<![\d.,])${price.replaceAll('.', String.raw`\.`)}(?!\d|[.,]\d)`).test(text);

const Products = z.array(z.object({ id: z.number(), name: z.string() }));
const Cart = z.object({ items_count: z.number(), items: z.array(z.object({ key: z.string() })) });

interface FilledCart {
  readonly key: string;
  readonly nonce: string;
}

const fillsCart = async (visitor: ShopVisitor, [first]: readonly RecipeProduct[]): Promise<FilledCart> => {
  const listed = Products.safeParse(tryJson((await visitor.get('/wp-json/wc/store/v1/products')).body));
  const product = listed.data?.find(({ name }) => decodeEntities(name) === first?.name);
  if (!product) refuse(`The Store API should list ${first?.name}`, 'it does not');
  const { nonce } = await visitor.get('/wp-json/wc/store/v1/cart');
  const added = await visitor.post(
    '/wp-json/wc/store/v1/cart/add-item',
    { id: product.id, quantity: 1 },
    nonce,
  );
  const cart = Cart.safeParse(tryJson(added.body));
  const [item] = cart.data?.items ?? [];
  if (cart.data?.items_count !== 1 || !item) {
    refuse('The cart should hold one product', `it answered ${added.status}: ${added.body}`);
  }
  return { key: item.key, nonce: added.nonce || nonce };
};

/** Out of courtesy: the cart of a visitor who never comes back goes by itself, so the answer doesn't matter. */
const emptyCart = async (visitor: ShopVisitor, { key, nonce }: FilledCart) => {
  await visitor.post('/wp-json/wc/store/v1/cart/remove-item', { key }, nonce);
};

const CheckoutData = z.object({
  paymentMethodData: z.object({ cod: z.object({ enableForVirtual: z.literal(true) }) }),
});

/**
 * The checkout block reads its settings from the page; only there shows what a browser would be offered. Who has nothing
 * in the cart is led to the cart instead. Older WooCommerce writes `wcSettings || JSON.parse(…)`, newer `= JSON.parse(…)`.
 */
const offersCashOnDelivery = async (visitor: ShopVisitor) => {
  const { status, body } = await visitor.get('/checkout/');
  const [, encoded] =
    /wcSettings\s*(?:\|\||=)\s*JSON\.parse\(\s*decodeURIComponent\(\s*'([^']*)'/.exec(body) ?? [];
  const offered = CheckoutData.safeParse(tryJson(tryDecode(encoded ?? '')));
  if (!offered.success)
    refuse('The checkout should offer Cash on Delivery', `it answered ${status} without it`);
};

const asksForLogin = async (visitor: ShopVisitor) => {
  const { status, location } = await visitor.get('/wp-admin/', { follow: false });
  if (status !== 302 || !location.includes('wp-login.php')) {
    refuse('/wp-admin/ should ask for the login', `it answered ${status}`);
  }
};

const tryDecode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
};
