import { timingSafeEqual } from 'node:crypto';
import { escapeHtml, renderPage } from './html.ts';
import { cartCount } from './sessions.ts';
import { shopName, type Order } from './shop-state.ts';
import { readForm, redirect, sendHtml, type Visit } from './visit.ts';

const page = (visit: Visit, title: string, body: string, status = 200) =>
  sendHtml(
    visit,
    renderPage({ title, body, shopName: shopName(visit.state), cartCount: cartCount(visit.session) }),
    status,
  );

/** What every WordPress shows until it is installed: whoever comes first owns the shop. */
export const showInstaller = (visit: Visit): void =>
  page(
    visit,
    'WordPress › Installation',
    '<p>Welcome. Before getting started, this site needs a title and an admin.</p>',
  );

export const showLogin = (visit: Visit, problem = ''): void =>
  page(
    visit,
    'Log In',
    `${problem && `<p class="notice error" role="alert">${escapeHtml(problem)}</p>`}<form class="narrow" method="post" action="/wp-login.php">
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

export const logOut = (visit: Visit): void => {
  visit.session.user = undefined;
  redirect(visit, '/wp-login.php');
};

export const showAdmin = (visit: Visit): void => {
  if (!visit.session.user)
    return redirect(visit, `/wp-login.php?redirect_to=${encodeURIComponent('/wp-admin/')}`);
  const wanted = Number(visit.query.get('id'));
  const order = visit.state.orders.find(({ id }) => id === wanted);
  if (order) return page(visit, `Order #${order.id}`, orderDetail(order));
  const rows = visit.state.orders.toReversed().map(orderRow).join('');
  const table = rows
    ? `<table><thead><tr><th>Order</th><th>Date</th><th>Status</th><th>Total</th></tr></thead><tbody>${rows}</tbody></table>`
    : '<p class="muted">No orders yet.</p>';
  return page(
    visit,
    'Orders',
    `<p>Signed in as <strong>${escapeHtml(visit.session.user)}</strong> · ${escapeHtml(visit.state.plugin ?? 'no plugin')} · ${escapeHtml(visit.state.theme ?? 'no theme')} · <a href="/wp-login.php?action=logout">Log out</a></p>${table}`,
  );
};

const nameOf = ({ customer }: Order) =>
  `${customer['first_name'] ?? ''} ${customer['last_name'] ?? ''}`.trim();

const orderRow = (order: Order) =>
  `<tr><td><a href="/wp-admin/admin.php?page=wc-orders&amp;action=edit&amp;id=${order.id}">#${order.id} ${escapeHtml(nameOf(order))}</a></td><td><time datetime="${order.createdAt}">${order.createdAt.slice(0, 16).replace('T', ' ')}</time></td><td>Processing</td><td>$${order.total}</td></tr>`;

const orderDetail = (order: Order) => {
  const lines = order.lines
    .map(
      ({ name, price, quantity }) =>
        `<tr><td>${escapeHtml(name)}</td><td>${quantity} × $${escapeHtml(price)}</td></tr>`,
    )
    .join('');
  const customer = Object.values(order.customer).map(escapeHtml).join('<br>');
  return `<p>Payment via ${escapeHtml(order.payment)}. Status: Processing.</p><p>${customer}</p><table><tbody>${lines}</tbody></table><p><strong>Total: $${order.total}</strong></p><a href="/wp-admin/">All orders</a>`;
};
