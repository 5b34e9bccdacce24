import type { IncomingMessage, ServerResponse } from 'node:http';
import { logIn, logOut, showAdmin, showInstaller, showLogin } from './admin-pages.ts';
import type { Sessions } from './sessions.ts';
import { changeCart, showCart } from './cart-pages.ts';
import { placeOrder, showCheckout, showReceived } from './checkout-pages.ts';
import { refuse } from './send-page.ts';
import { hasPrettyLinks, readShop, writeShop } from './shop-state.ts';
import { addItem, listProducts, removeItem, showCart as showCartJson, showSite } from './store-api.ts';
import { showAccount, showComingSoon, showHome, showMissing, showProduct, showShop } from './store-pages.ts';
import { BodyTooLargeError, redirect, type Visit } from './visit.ts';

type Page = (visit: Visit) => Promise<void> | void;

/** All that a stand-in shop answers. A path that ends in `*` stands for all below it. */
const routes: Readonly<Record<string, Page>> = {
  'GET /': showHome,
  'GET /shop/': showShop,
  'GET /product/*': showProduct,
  'GET /cart/': showCart,
  'POST /cart/': changeCart,
  'GET /checkout/': (visit) => showCheckout(visit),
  'POST /checkout/': placeOrder,
  'GET /checkout/order-received/*': showReceived,
  'GET /my-account/': showAccount,
  'GET /wp-json/wc/store/v1/products': listProducts,
  'GET /wp-json/wc/store/v1/cart': (visit) => showCartJson(visit),
  'POST /wp-json/wc/store/v1/cart/add-item': addItem,
  'POST /wp-json/wc/store/v1/cart/remove-item': removeItem,
};

/** What works without WooCommerce too, and while the shop is hidden. */
const wordpressRoutes: Readonly<Record<string, Page>> = {
  'GET /wp-login.php': (visit) => (visit.query.get('action') === 'logout' ? logOut(visit) : showLogin(visit)),
  'POST /wp-login.php': logIn,
  'GET /wp-admin/': showAdmin,
  'GET /wp-admin/admin.php': showAdmin,
  'GET /wp-json/': showSite,
};

export const serveShop = async (
  folder: string,
  sessions: Sessions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const [pathname = '/', query = ''] = (request.url ?? '/').split('?', 2);
  const visit: Visit = {
    request,
    response,
    path: pathname,
    query: new URLSearchParams(query),
    session: sessions.of(request, response),
    sessions,
    state: readShop(folder),
    change: (alter) => {
      const state = readShop(folder);
      alter(state);
      writeShop(folder, state);
    },
  };
  try {
    await choosePage(visit)(visit);
  } catch (error) {
    if (!(error instanceof BodyTooLargeError)) throw error;
    refuse(visit, 'That was too much', 'A form may hold up to 64 kB.', 413);
  }
};

const choosePage = (visit: Visit): Page => {
  const { state, path } = visit;
  const method = visit.request.method === 'HEAD' ? 'GET' : (visit.request.method ?? 'GET');
  if (state.options['blogname'] === undefined) return beforeInstall(path);
  const isHome = path === '/';
  // Without pretty links WordPress answers every path but those of its own files with its home page, and with 200.
  const isFile = path.startsWith('/wp-admin') || path.endsWith('.php');
  if (!isFile && !isHome && !hasPrettyLinks(state)) return showHome;
  const always = wordpressRoutes[`${method} ${path}`];
  if (always) return always;
  if (isFile && !visit.session.user) return showAdmin;
  const isApi = path.startsWith('/wp-json/');
  if (!isApi && state.options['woocommerce_coming_soon'] !== 'no' && !visit.session.user)
    return showComingSoon;
  if (!state.pagesMade && !isHome) return showMissing;
  return routes[`${method} ${path}`] ?? routes[`${method} ${parentOf(path)}*`] ?? notRouted(visit, method);
};

const beforeInstall = (path: string): Page => {
  if (path === '/wp-login.php' || path === '/wp-admin/install.php') return showInstaller;
  return (visit) => redirect(visit, '/wp-admin/install.php');
};

const parentOf = (path: string): string => path.replace(/[^/]+\/?$/, '');

/** A slash too few, a wrong verb, or nothing at all. */
const notRouted = (visit: Visit, method: string): Page => {
  const { path } = visit;
  if (method === 'GET' && routes[`GET ${path}/`]) return () => redirect(visit, `${path}/`);
  const allowed = ['GET', 'POST'].filter(
    (verb) => routes[`${verb} ${path}`] ?? wordpressRoutes[`${verb} ${path}`],
  );
  if (allowed.length === 0) return showMissing;
  visit.response.setHeader('allow', allowed.join(', '));
  return () => refuse(visit, 'This page does not take that', `It takes ${allowed.join(' and ')}.`, 405);
};
