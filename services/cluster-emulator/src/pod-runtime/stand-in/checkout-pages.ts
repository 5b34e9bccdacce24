import { randomBytes } from 'node:crypto';
import { escapeHtml } from './html.ts';
import { backToShop, nonceField, notice, readOwnForm, sendPage } from './send-page.ts';
import { cartLines, cartTotalCents, type CartLine } from './sessions.ts';
import {
  cashOnDelivery,
  shopPlace,
  showMoney,
  toCents,
  toPrice,
  type Order,
  type ShopState,
} from './shop-state.ts';
import { showMissing } from './store-pages.ts';
import { redirect, type Visit } from './visit.ts';

interface Field {
  readonly name: string;
  readonly label: string;
  readonly autocomplete: string;
  /** Country and state come filled in with the shop's own, when it says where it is. */
  readonly isOptional?: boolean;
}

const fields: readonly Field[] = [
  { name: 'first_name', label: 'First name', autocomplete: 'given-name' },
  { name: 'last_name', label: 'Last name', autocomplete: 'family-name' },
  { name: 'country', label: 'Country/Region', autocomplete: 'country', isOptional: true },
  { name: 'state', label: 'State', autocomplete: 'address-level1', isOptional: true },
  { name: 'address_1', label: 'Address', autocomplete: 'street-address' },
  { name: 'city', label: 'City', autocomplete: 'address-level2' },
  { name: 'postcode', label: 'ZIP Code', autocomplete: 'postal-code' },
  { name: 'email', label: 'Email address', autocomplete: 'email' },
];
const longestField = 200;

/** As WooCommerce's checkout block: what a browser offers comes from these settings in the page. */
const blockSettings = (state: ShopState): string => {
  const cod = cashOnDelivery(state);
  const rest = {
    description: 'Pay with cash upon delivery.',
    enableForShippingMethods: [],
    supports: ['products'],
  };
  const settings = {
    paymentMethodSortOrder: ['cod'],
    paymentMethodData: cod ? { cod: { ...cod, ...rest } } : {},
  };
  const encoded = encodeURIComponent(JSON.stringify(settings)).replaceAll("'", '%27');
  return `<script>var wcSettings = wcSettings || JSON.parse( decodeURIComponent( '${encoded}' ) );</script>`;
};

/** @param problem what is wrong with the form that was `given`; empty for a first look. */
export const showCheckout = (visit: Visit, problem = '', given?: URLSearchParams): void => {
  const { state, session } = visit;
  const lines = cartLines(state, session);
  const settings = blockSettings(state);
  if (lines.length === 0)
    return sendPage(visit, 'Checkout', `${settings}${notice('Your cart is currently empty.')}${backToShop}`);
  const values = given ?? new URLSearchParams(shopPlace(state));
  const summary = lines.map(({ product, quantity }) => `<li>${escapeHtml(product.name)} × ${quantity}</li>`);
  return sendPage(
    visit,
    'Checkout',
    `${settings}${problem && notice(problem, 'error')}<form class="narrow" method="post" action="/checkout/">${nonceField(visit)}${fields.map((field) => inputOf(field, values)).join('')}
<h2>Your order</h2><ul>${summary.join('')}</ul><p><strong>Total: ${escapeHtml(showMoney(state, cartTotalCents(lines)))}</strong></p>${paymentChoice(state)}</form>`,
    problem ? 400 : 200,
  );
};

const inputOf = ({ name, label, autocomplete, isOptional }: Field, values: URLSearchParams): string =>
  `<label for="${name}">${label}${isOptional ? ' (optional)' : ''}</label><input type="${name === 'email' ? 'email' : 'text'}" id="${name}" name="${name}" autocomplete="${autocomplete}" maxlength="${longestField}" ${isOptional ? '' : 'required'} value="${escapeHtml(values.get(name) ?? '')}">`;

const paymentChoice = (state: ShopState): string => {
  const cod = cashOnDelivery(state);
  if (!cod?.enableForVirtual) return notice('There are no payment methods available.', 'error');
  return `<label class="radio"><input type="radio" name="payment" value="cod" checked> ${escapeHtml(cod.title)}</label><p><button>Place order</button></p>`;
};

export const placeOrder = async (visit: Visit): Promise<void> => {
  const form = await readOwnForm(visit);
  if (!form) return;
  const lines = cartLines(visit.state, visit.session);
  if (lines.length === 0) return showCheckout(visit);
  const cod = cashOnDelivery(visit.state);
  const problem = problemOf(form);
  if (problem) return showCheckout(visit, problem, form);
  if (!cod?.enableForVirtual || form.get('payment') !== 'cod')
    return showCheckout(visit, 'Please choose a payment method.', form);
  const key = randomBytes(12).toString('hex');
  let id = 0;
  visit.change((state) => {
    id = state.nextId;
    state.nextId += 1;
    state.orders.push(orderOf(id, key, form, lines, cod.title));
  });
  visit.session.cart.clear();
  redirect(visit, `/checkout/order-received/${id}/?key=${key}`);
};

const problemOf = (form: URLSearchParams): string => {
  const missing = fields.filter(({ name, isOptional }) => !isOptional && !form.get(name)?.trim());
  if (missing.length > 0) return `Please fill in: ${missing.map(({ label }) => label).join(', ')}.`;
  const isAddress = /^[^\s@]+@[^\s@]+$/.test((form.get('email') ?? '').trim());
  return isAddress ? '' : 'Please enter an email address, e.g. ada@example.com.';
};

const orderOf = (
  id: number,
  key: string,
  form: URLSearchParams,
  lines: readonly CartLine[],
  payment: string,
): Order => ({
  id,
  key,
  createdAt: new Date().toISOString(),
  customer: Object.fromEntries(
    fields.map(({ name }) => [name, (form.get(name) ?? '').trim().slice(0, longestField).toWellFormed()]),
  ),
  payment,
  lines: lines.map(({ product: { name, price }, quantity }) => ({ name, price, quantity })),
  total: toPrice(cartTotalCents(lines)),
});

export const showReceived = (visit: Visit): void => {
  const id = Number(visit.path.split('/')[3]);
  const key = visit.query.get('key');
  const order = visit.state.orders.find((candidate) => candidate.id === id && candidate.key === key);
  if (!order) return showMissing(visit);
  const total = escapeHtml(showMoney(visit.state, toCents(order.total)));
  return sendPage(
    visit,
    'Order received',
    `${notice('Thank you. Your order has been received.')}<ul><li>Order number: <strong>${order.id}</strong></li><li>Total: <strong>${total}</strong></li><li>Payment method: <strong>${escapeHtml(order.payment)}</strong></li></ul>`,
  );
};
