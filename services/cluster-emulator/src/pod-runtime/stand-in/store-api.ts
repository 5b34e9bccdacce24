import { isJsonObject, type JsonObject } from '../../objects/json.ts';
import { escapeHtml } from './html.ts';
import { cartCount, cartLines, cartTotalCents } from './sessions.ts';
import {
  cashOnDelivery,
  shopCurrency,
  shopName,
  shopUrl,
  showMoney,
  toCents,
  type Product,
  type ShopState,
} from './shop-state.ts';
import { readBody, sendJson, type Visit } from './visit.ts';
import { tryJson } from '@store-platform/shared/text/try-json';

const moneyOf = (state: ShopState) => ({
  currency_code: shopCurrency(state),
  currency_symbol: showMoney(state, 0).replaceAll(/[\d.,\s]/g, ''),
  currency_minor_unit: 2,
});

/** `/wp-json/`: WordPress gives its name with character references, as everywhere. */
export const showSite = (visit: Visit): void => {
  const url = shopUrl(visit.state);
  sendJson(visit, {
    name: escapeHtml(shopName(visit.state)),
    description: '',
    url,
    home: url,
    namespaces: ['wp/v2', 'wc/store/v1'],
  });
};

export const listProducts = (visit: Visit): void =>
  sendJson(
    visit,
    visit.state.products.map((product) => productJson(visit.state, product)),
  );

const productJson = (state: ShopState, { id, name, slug, sku, price }: Product) => ({
  id,
  name: escapeHtml(name),
  slug,
  sku,
  permalink: `/product/${slug}/`,
  prices: { price: String(toCents(price)), ...moneyOf(state) },
  is_purchasable: true,
});

/** Every answer about the cart brings the nonce that the next write must send. */
export const showCart = (visit: Visit, status = 200): void => {
  const lines = cartLines(visit.state, visit.session);
  const nonce = visit.sessions.nonceOf(visit.session);
  sendJson(
    visit,
    {
      items: lines.map(({ product, quantity }) => ({
        key: String(product.id),
        id: product.id,
        name: escapeHtml(product.name),
        quantity,
      })),
      items_count: cartCount(visit.session),
      totals: { total_price: String(cartTotalCents(lines)), ...moneyOf(visit.state) },
      payment_methods: cashOnDelivery(visit.state) ? ['cod'] : [],
    },
    status,
    { nonce, 'cart-token': visit.sessions.cartTokenOf(visit.session) },
  );
};

export const addItem = async (visit: Visit): Promise<void> => {
  const wanted = await readWrite(visit);
  if (!wanted) return;
  const product = visit.state.products.find(({ id }) => id === wanted['id']);
  const quantity = Number(wanted['quantity'] ?? 1);
  if (!product || !Number.isInteger(quantity) || quantity < 1 || quantity > 999)
    return refuse(visit, 400, 'cart_invalid_product', 'This product cannot be added to the cart.');
  const { cart } = visit.session;
  cart.set(product.id, Math.min(999, (cart.get(product.id) ?? 0) + quantity));
  return showCart(visit, 201);
};

export const removeItem = async (visit: Visit): Promise<void> => {
  const wanted = await readWrite(visit);
  if (!wanted) return;
  const { cart } = visit.session;
  const id = Number(wanted['key']);
  if (!cart.has(id))
    return refuse(visit, 409, 'cart_invalid_key', 'Cart item no longer exists or is invalid.');
  cart.delete(id);
  return showCart(visit);
};

const refuse = (visit: Visit, status: number, code: string, message: string): void =>
  sendJson(visit, { code: `woocommerce_rest_${code}`, message, data: { status } }, status);

/** @returns what a write says; undefined when it may not write, and has been told so. */
const readWrite = async (visit: Visit): Promise<JsonObject | undefined> => {
  const body = tryJson(await readBody(visit));
  const { request, session, sessions } = visit;
  const nonce = request.headers['nonce'];
  // A cart token that fits chose the session and is nonce enough.
  const isOwn = request.headers['cart-token'] === sessions.cartTokenOf(session);
  if (isOwn || sessions.isNonce(session, String(nonce))) return isJsonObject(body) ? body : {};
  if (nonce === undefined)
    refuse(visit, 401, 'missing_nonce', 'Missing the Nonce header. This endpoint requires a valid nonce.');
  else refuse(visit, 403, 'invalid_nonce', 'Nonce is invalid.');
  return undefined;
};
