import { escapeHtml, renderPage } from './html.ts';
import { cartCount, cartLines, cartTotalCents } from './sessions.ts';
import { cashOnDelivery, shopName, toCents, toPrice, type Order, type Product } from './shop-state.ts';
import { readForm, redirect, sendHtml, type Visit } from './visit.ts';

const page = (visit: Visit, title: string, body: string, status = 200) =>
  sendHtml(
    visit,
    renderPage({ title, body, shopName: shopName(visit.state), cartCount: cartCount(visit.session) }),
    status,
  );

const notice = (text: string, kind = '') => `<p class="notice ${kind}" role="status">${escapeHtml(text)}</p>`;
const nonceField = ({ session, sessions }: Visit) =>
  `<input type="hidden" name="nonce" value="${sessions.nonceOf(session)}">`;

const pictures: Readonly<Record<string, string>> = { headphones: '🎧', speaker: '🔊', cable: '🔌' };
const pictureOf = ({ sku }: Product) => pictures[sku.split('-').at(-1) ?? ''] ?? '📦';

export const showShop = (visit: Visit): void => {
  const cards = visit.state.products.map(
    (product) => `<li class="card"><div class="picture" aria-hidden="true">${pictureOf(product)}</div>
<h2><a href="/product/${product.slug}/">${escapeHtml(product.name)}</a></h2><p class="price">$${escapeHtml(product.price)}</p>${addForm(visit, product)}</li>`,
  );
  page(
    visit,
    'Shop',
    cards.length > 0 ? `<ul class="grid">${cards.join('')}</ul>` : notice('No products were found.'),
  );
};

const addForm = (visit: Visit, { id, name }: Product) =>
  `<form method="post" action="/cart/">${nonceField(visit)}<input type="hidden" name="add" value="${id}"><button aria-label="Add ${escapeHtml(name)} to cart">Add to cart</button></form>`;

export const showProduct = (visit: Visit): void => {
  const slug = visit.path.split('/')[2];
  const product = visit.state.products.find((candidate) => candidate.slug === slug);
  if (!product) return showMissing(visit);
  const body = `<div class="picture" aria-hidden="true">${pictureOf(product)}</div><p class="price">$${escapeHtml(product.price)}</p>${addForm(visit, product)}`;
  return page(visit, product.name, body);
};

export const showMissing = (visit: Visit): void =>
  page(
    visit,
    'Nothing is here',
    '<p>This page does not exist. <a href="/shop/">Go to the shop</a>.</p>',
    404,
  );

/** Adds with `add`, sets quantities with `quantity-ID`; anything else changes nothing. */
export const changeCart = async (visit: Visit): Promise<void> => {
  const form = await readForm(visit);
  if (!visit.sessions.isNonce(visit.session, form.get('nonce') ?? '')) return refuseForm(visit);
  const { cart } = visit.session;
  const added = visit.state.products.find(({ id }) => String(id) === form.get('add'));
  if (added) cart.set(added.id, Math.min(999, (cart.get(added.id) ?? 0) + 1));
  for (const { id } of visit.state.products) {
    const wanted = form.get(`quantity-${id}`);
    if (wanted !== null && /^\d{1,3}$/.test(wanted)) cart.set(id, Number(wanted));
  }
  return redirect(visit, '/cart/');
};

const refuseForm = (visit: Visit) =>
  page(
    visit,
    'This form is too old',
    '<p>Nothing was changed. <a href="/shop/">Go back to the shop</a> and try again.</p>',
    403,
  );

export const showCart = (visit: Visit): void => {
  const lines = cartLines(visit.state, visit.session);
  if (lines.length === 0)
    return page(
      visit,
      'Cart',
      `${notice('Your cart is currently empty.')}<a class="button" href="/shop/">Return to shop</a>`,
    );
  const rows = lines.map(
    ({ product, quantity }) => `<tr><td>${escapeHtml(product.name)}</td><td>$${escapeHtml(product.price)}</td>
<td><input type="number" min="0" max="999" name="quantity-${product.id}" value="${quantity}" aria-label="Quantity of ${escapeHtml(product.name)}"></td>
<td>$${toPrice(toCents(product.price) * quantity)}</td></tr>`,
  );
  const total = toPrice(cartTotalCents(lines));
  return page(
    visit,
    'Cart',
    `<form method="post" action="/cart/">${nonceField(visit)}<table><thead><tr><th>Product</th><th>Price</th><th>Quantity</th><th>Subtotal</th></tr></thead>
<tbody>${rows.join('')}</tbody></table><p><button>Update cart</button></p></form><p><strong>Total: $${total}</strong></p><a class="button" href="/checkout/">Proceed to checkout</a>`,
  );
};

const fields = [
  { name: 'first_name', label: 'First name', autocomplete: 'given-name' },
  { name: 'last_name', label: 'Last name', autocomplete: 'family-name' },
  { name: 'address_1', label: 'Street address', autocomplete: 'street-address' },
  { name: 'city', label: 'Town / City', autocomplete: 'address-level2' },
  { name: 'postcode', label: 'ZIP Code', autocomplete: 'postal-code' },
  { name: 'email', label: 'Email address', autocomplete: 'email' },
] as const;

/** As WooCommerce's checkout block: what a browser offers comes from these settings in the page. */
const blockSettings = (visit: Visit): string => {
  const cod = cashOnDelivery(visit.state);
  const data = cod
    ? {
        cod: {
          ...cod,
          description: 'Pay with cash upon delivery.',
          enableForShippingMethods: [],
          supports: ['products'],
        },
      }
    : {};
  const settings = { paymentMethodSortOrder: ['cod'], paymentMethodData: data };
  const encoded = encodeURIComponent(JSON.stringify(settings)).replaceAll("'", '%27');
  return `<script>var wcSettings = wcSettings || JSON.parse( decodeURIComponent( '${encoded}' ) );</script>`;
};

export const showCheckout = (visit: Visit, problem = '', given = new URLSearchParams()): void => {
  const lines = cartLines(visit.state, visit.session);
  const settings = blockSettings(visit);
  if (lines.length === 0)
    return page(
      visit,
      'Checkout',
      `${settings}${notice('Your cart is currently empty.')}<a class="button" href="/shop/">Return to shop</a>`,
    );
  const inputs = fields.map(
    ({ name, label, autocomplete }) =>
      `<label for="${name}">${label}</label><input type="${name === 'email' ? 'email' : 'text'}" id="${name}" name="${name}" autocomplete="${autocomplete}" maxlength="200" required value="${escapeHtml(given.get(name) ?? '')}">`,
  );
  const summary = lines
    .map(({ product, quantity }) => `<li>${escapeHtml(product.name)} × ${quantity}</li>`)
    .join('');
  return page(
    visit,
    'Checkout',
    `${settings}${problem && notice(problem, 'error')}<form class="narrow" method="post" action="/checkout/">${nonceField(visit)}${inputs.join('')}
<h2>Your order</h2><ul>${summary}</ul><p><strong>Total: $${toPrice(cartTotalCents(lines))}</strong></p>${paymentChoice(visit)}</form>`,
    problem ? 400 : 200,
  );
};

const paymentChoice = (visit: Visit): string => {
  const cod = cashOnDelivery(visit.state);
  if (!cod?.enableForVirtual) return notice('There are no payment methods available.', 'error');
  return `<label class="radio"><input type="radio" name="payment" value="cod" checked> ${escapeHtml(cod.title)}</label><p><button>Place order</button></p>`;
};

export const placeOrder = async (visit: Visit): Promise<void> => {
  const form = await readForm(visit);
  if (!visit.sessions.isNonce(visit.session, form.get('nonce') ?? '')) return refuseForm(visit);
  const lines = cartLines(visit.state, visit.session);
  const missing = fields.filter(({ name }) => !form.get(name)?.trim());
  if (lines.length === 0) return showCheckout(visit);
  if (missing.length > 0)
    return showCheckout(visit, `Please fill in: ${missing.map(({ label }) => label).join(', ')}.`, form);
  const cod = cashOnDelivery(visit.state);
  if (!cod?.enableForVirtual || form.get('payment') !== 'cod')
    return showCheckout(visit, 'Please choose a payment method.', form);
  let order: Order | undefined;
  visit.change((state) => {
    order = {
      id: state.nextId,
      createdAt: new Date().toISOString(),
      customer: Object.fromEntries(
        fields.map(({ name }) => [name, (form.get(name) ?? '').trim().slice(0, 200)]),
      ),
      payment: cod.title,
      lines: lines.map(({ product, quantity }) => ({ name: product.name, price: product.price, quantity })),
      total: toPrice(cartTotalCents(lines)),
    };
    state.orders.push(order);
    state.nextId += 1;
  });
  visit.session.cart.clear();
  return redirect(visit, `/checkout/order-received/${order?.id}/`);
};

export const showReceived = (visit: Visit): void => {
  const id = Number(visit.path.split('/')[3]);
  const order = visit.state.orders.find((candidate) => candidate.id === id);
  if (!order) return showMissing(visit);
  return page(
    visit,
    'Order received',
    `${notice('Thank you. Your order has been received.')}<ul><li>Order number: <strong>${order.id}</strong></li><li>Total: <strong>$${order.total}</strong></li><li>Payment method: <strong>${escapeHtml(order.payment)}</strong></li></ul>`,
  );
};

export const showHome = (visit: Visit): void =>
  page(
    visit,
    'Welcome',
    '<p>Everything here is for sale, cash on delivery.</p><a class="button" href="/shop/">Visit the shop</a>',
  );

export const showComingSoon = (visit: Visit): void =>
  page(visit, 'Great things are on the horizon', '<p>This shop opens soon.</p>');

export const showAccount = (visit: Visit): void =>
  page(
    visit,
    'My account',
    '<p>Guests may buy without an account. The shop is run at <a href="/wp-admin/">the admin pages</a>.</p>',
  );
