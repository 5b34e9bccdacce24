import { isJsonObject } from '../../objects/json.ts';
import { escapeHtml } from './html.ts';
import { cartCount, cartLines, cartTotalCents } from './sessions.ts';
import { cashOnDelivery, shopName, shopUrl, toCents, type Product } from './shop-state.ts';
import { readBody, sendJson, type Visit } from './visit.ts';

const money = { currency_code: 'USD', currency_symbol: '$', currency_minor_unit: 2 };

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

export const listProducts = (visit: Visit): void => sendJson(visit, visit.state.products.map(productJson));

const productJson = ({ id, name, slug, sku, price }: Product) => ({
  id,
  name: escapeHtml(name),
  slug,
  sku,
  permalink: `/product/${slug}/`,
  prices: { price: String(toCents(price)), ...money },
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
      totals: { total_price: String(cartTotalCents(lines)), ...money },
      payment_methods: cashOnDelivery(visit.state) ? ['cod'] : [],
    },
    status,
    { nonce, 'cart-token': nonce },
  );
};

export const addItem = async (visit: Visit): Promise<void> => {
  const nonce = String(visit.request.headers['nonce'] ?? visit.request.headers['cart-token'] ?? '');
  if (!visit.sessions.isNonce(visit.session, nonce)) {
    return sendJson(
      visit,
      { code: 'woocommerce_rest_missing_nonce', message: 'Missing the Nonce header.', data: { status: 401 } },
      401,
    );
  }
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

const tryJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
