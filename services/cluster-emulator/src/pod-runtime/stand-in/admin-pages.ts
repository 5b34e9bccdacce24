import { timingSafeEqual } from 'node:crypto';
import { isJsonObject } from '../../objects/json.ts';
import { escapeHtml } from './html.ts';
import { notice, sendPage } from './send-page.ts';
import { showMoney, toCents, type Order, type ShopState } from './shop-state.ts';
import { readForm, redirect, type Visit } from './visit.ts';

/** What every WordPress shows until it is installed: whoever comes first owns the shop. */
export const showInstaller = (visit: Visit): void =>
  sendPage(
    visit,
    'WordPress › Installation',
    '<p>Welcome. Before getting started, this site needs a title and an admin.</p>',
  );

export const showLogin = (visit: Visit, problem = ''): void =>
  sendPage(
    visit,
    'Log In',
    `${problem && notice(problem, 'error')}<form class="narrow" method="post" action="/wp-login.php">
<label for="user_login">Username or Email Address</label><input type="text" id="user_login" name="log" autocomplete="username" required>
<label for="user_pass">Password</label><input type="password" id="user_pass" name="pwd" autocomplete="current-password" required><p><button id="wp-submit">Log In</button></p></form>`,
    problem ? 403 : 200,
  );

export const logIn = async (visit: Visit): Promise<void> => {
  const form = await readForm(visit);
  const { admin } = visit.state;
  const known = admin && form.get('log') === admin.user && isSame(form.get('pwd') ?? '', admin.password);
  if (!known) return showLogin(visit, 'The username or the password is not right.');
  visit.session.user = admin.user;
  return redirect(visit, '/wp-admin/');
};

const isSame = (given: string, wanted: string): boolean => {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
};

/** A link with a nonce: nobody is signed out by a picture on another page. */
export const logOut = (visit: Visit): void => {
  if (visit.sessions.isNonce(visit.session, visit.query.get('_wpnonce') ?? ''))
    visit.session.user = undefined;
  redirect(visit, visit.session.user ? '/wp-admin/' : '/wp-login.php');
};

export const showAdmin = (visit: Visit): void => {
  if (!visit.session.user)
    return redirect(visit, `/wp-login.php?redirect_to=${encodeURIComponent('/wp-admin/')}`);
  const wanted = Number(visit.query.get('id'));
  const order = visit.state.orders.find(({ id }) => id === wanted);
  if (order) return sendPage(visit, `Order #${order.id}`, orderDetail(visit.state, order));
  const rows = visit.state.orders
    .toReversed()
    .map((each) => orderRow(visit.state, each))
    .join('');
  const table = rows
    ? `<div class="scroll"><table><thead><tr><th>Order</th><th class="wide">Date</th><th>Status</th><th>Total</th></tr></thead><tbody>${rows}</tbody></table></div>`
    : '<p class="muted">No orders yet.</p>';
  const logOutLink = `/wp-login.php?action=logout&amp;_wpnonce=${visit.sessions.nonceOf(visit.session)}`;
  return sendPage(
    visit,
    'Orders',
    `<p>Signed in as <strong>${escapeHtml(visit.session.user)}</strong> · <a href="${logOutLink}">Log out</a></p>${setupReminder(visit.state)}${table}`,
  );
};

/** WooCommerce's wizard comes up until somebody says that it is not wanted. */
const setupReminder = ({ options }: ShopState): string => {
  const profile = options['woocommerce_onboarding_profile'];
  const isSkipped = isJsonObject(profile) && profile['skipped'] === true;
  return isSkipped ? '' : notice('Finish setting up your store: the wizard is waiting.');
};

const nameOf = ({ customer }: Order) =>
  `${customer['first_name'] ?? ''} ${customer['last_name'] ?? ''}`.trim();

const totalOf = (state: ShopState, { total }: Order) => escapeHtml(showMoney(state, toCents(total)));

const orderRow = (state: ShopState, order: Order) =>
  `<tr><td><a href="/wp-admin/admin.php?page=wc-orders&amp;action=edit&amp;id=${order.id}">#${order.id} ${escapeHtml(nameOf(order))}</a></td><td class="wide"><time datetime="${order.createdAt}">${order.createdAt.slice(0, 16).replace('T', ' ')}</time></td><td>Processing</td><td>${totalOf(state, order)}</td></tr>`;

/** As on a parcel, and how to ask when it doesn't arrive. */
const addressOf = (order: Order): string[] => {
  const at = (name: string) => order.customer[name] ?? '';
  const town = [at('city'), at('state'), at('postcode')].filter(Boolean).join(', ');
  return [nameOf(order), at('address_1'), town, at('country'), at('email')].filter(Boolean);
};

const orderDetail = (state: ShopState, order: Order) => {
  const lines = order.lines
    .map(
      ({ name, price, quantity }) =>
        `<tr><td>${escapeHtml(name)}</td><td>${quantity} × ${escapeHtml(showMoney(state, toCents(price)))}</td></tr>`,
    )
    .join('');
  const customer = addressOf(order).map(escapeHtml).join('<br>');
  return `<p>Payment via ${escapeHtml(order.payment)}. Status: Processing.</p><p>${customer}</p><table><tbody>${lines}</tbody></table><p><strong>Total: ${totalOf(state, order)}</strong></p><a href="/wp-admin/">All orders</a>`;
};
