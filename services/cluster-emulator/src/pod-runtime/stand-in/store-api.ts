import { isJsonObject } from '../../objects/json.ts';
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
  const refusal = refuseWrite(visit);
  if (refusal) return sendJson(visit, { ...refusal, data: { status: refusal.status } }, refusal.status);
  const wanted = tryJson(await readBody(visit));
  const product = visit.state.products.find(({ id }) => isJsonObject(wanted) && id === wanted['id']);
  const quantity = isJsonObject(wanted) ? Number(wanted['quantity'] ?? 1) : 0;
  if (!product || !Number.isInteger(quantity) || quantity < 1 || quantity > 999) {
    return sendJson(
      visit,
      {
        code: 'woocommerce_rest_cart_invalid_product',
        message: 'This product cannot be added to the cart.',
        data: { status: 400 },
      },
      400,
    );
  }
  const { cart } = visit.session;
  cart.set(product.id, Math.min(999, (cart.get(product.id) ?? 0) + quantity));
  return showCart(visit, 201);
};

/** A cart token that fits chose the session and is nonce enough. */
const refuseWrite = ({ request, session, sessions }: Visit) => {
  if (request.headers['cart-token'] === sessions.cartTokenOf(session)) return undefined;
  const nonce = request.headers['nonce'];
  if (nonce === undefined)
    return {
      code: 'woocommerce_rest_missing_nonce',
      message: 'Missing the Nonce header. This endpoint requires a valid nonce.',
      status: 401,
    };
  return sessions.isNonce(session, String(nonce))
    ? undefined
    : { code: 'woocommerce_rest_invalid_nonce', message: 'Nonce is invalid.', status: 403 };
};

const tryJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
