import { escapeHtml } from './html.ts';
import { backToShop, nonceField, notice, readOwnForm, refuse, sendPage } from './send-page.ts';
import { cartLines, cartTotalCents, type CartLine } from './sessions.ts';
import { showMoney, toCents, type ShopState } from './shop-state.ts';
import { redirect, type Visit } from './visit.ts';

const mostOfAProduct = 999;

/** @returns a whole number from `least` to 999; undefined for anything else. */
const parseQuantity = (text: string, least: number): number | undefined => {
  const quantity = /^\d{1,3}$/.test(text) ? Number(text) : -1;
  return quantity >= least ? quantity : undefined;
};

/** Adds a product with `add` and maybe `quantity`, or sets quantities with `quantity-ID`; 0 takes a product out. */
export const changeCart = async (visit: Visit): Promise<void> => {
  const form = await readOwnForm(visit);
  if (!form) return;
  const add = form.get('add');
  const changes = add === null ? wantedQuantities(visit, form) : wantedAddition(visit, add, form);
  if (typeof changes === 'string') return refuse(visit, 'The cart was not changed', changes);
  for (const [id, quantity] of changes) visit.session.cart.set(id, quantity);
  redirect(visit, '/cart/');
};

type Changes = readonly (readonly [id: number, quantity: number])[];
const wrongQuantity = (least: number) => `A quantity is a whole number from ${least} to ${mostOfAProduct}.`;

const wantedAddition = ({ state, session }: Visit, add: string, form: URLSearchParams): Changes | string => {
  const product = state.products.find(({ id }) => String(id) === add);
  if (!product) return 'This product does not exist, or is no longer sold.';
  const quantity = parseQuantity(form.get('quantity') ?? '1', 1);
  if (quantity === undefined) return wrongQuantity(1);
  return [[product.id, Math.min(mostOfAProduct, (session.cart.get(product.id) ?? 0) + quantity)]];
};

const wantedQuantities = ({ state }: Visit, form: URLSearchParams): Changes | string => {
  const changes: [number, number][] = [];
  for (const { id } of state.products) {
    const text = form.get(`quantity-${id}`);
    if (text === null) continue;
    const quantity = parseQuantity(text, 0);
    if (quantity === undefined) return wrongQuantity(0);
    changes.push([id, quantity]);
  }
  return changes;
};

export const showCart = (visit: Visit): void => {
  const { state, session } = visit;
  const lines = cartLines(state, session);
  if (lines.length === 0)
    return sendPage(visit, 'Cart', `${notice('Your cart is currently empty.')}${backToShop}`);
  const rows = lines.map((line) => cartRow(state, line)).join('');
  return sendPage(
    visit,
    'Cart',
    `<form method="post" action="/cart/">${nonceField(visit)}<div class="scroll"><table><thead><tr><th>Product</th><th class="wide">Price</th><th>Quantity</th><th>Subtotal</th></tr></thead>
<tbody>${rows}</tbody></table></div><p><button>Update cart</button></p></form><p><strong>Total: ${escapeHtml(showMoney(state, cartTotalCents(lines)))}</strong></p><a class="button" href="/checkout/">Proceed to checkout</a>`,
  );
};

const cartRow = (state: ShopState, { product, quantity }: CartLine): string => {
  const money = (cents: number) => escapeHtml(showMoney(state, cents));
  return `<tr><td>${escapeHtml(product.name)}</td><td class="wide">${money(toCents(product.price))}</td>
<td><input type="number" min="0" max="${mostOfAProduct}" name="quantity-${product.id}" value="${quantity}" aria-label="Quantity of ${escapeHtml(product.name)}"></td>
<td>${money(toCents(product.price) * quantity)}</td></tr>`;
};
