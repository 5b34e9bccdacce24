import type { IncomingMessage, ServerResponse } from 'node:http';
import { logIn, logOut, showAdmin, showInstaller, showLogin } from './admin-pages.ts';
import type { Sessions } from './sessions.ts';
import { readShop, writeShop } from './shop-state.ts';
import { addItem, listProducts, showCart as showCartJson, showSite } from './store-api.ts';
import {
  changeCart,
  placeOrder,
  showAccount,
  showCart,
  showCheckout,
  showComingSoon,
  showHome,
  showMissing,
  showProduct,
  showReceived,
  showShop,
} from './store-pages.ts';
import { redirect, sendHtml, type Visit } from './visit.ts';

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
  'GET /wp-json/': showSite,
  'GET /wp-json/wc/store/v1/products': listProducts,
  'GET /wp-json/wc/store/v1/cart': (visit) => showCartJson(visit),
  'POST /wp-json/wc/store/v1/cart/add-item': addItem,
};

/** What works before the shop is furnished, and while it is hidden. */
const adminRoutes: Readonly<Record<string, Page>> = {
  'GET /wp-login.php': (visit) => (visit.query.get('action') === 'logout' ? logOut(visit) : showLogin(visit)),
  'POST /wp-login.php': logIn,
  'GET /wp-admin/': showAdmin,
  'GET /wp-admin/admin.php': showAdmin,
};

export const serveShop = async (
  folder: string,
  sessions: Sessions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://shop');
  const visit: Visit = {
    request,
    response,
    path: pathname,
    query: searchParams,
    session: sessions.of(request, response),
    sessions,
    state: readShop(folder),
    change: (alter) => {
      const state = readShop(folder);
      alter(state);
      writeShop(folder, state);
    },
  };
  await choosePage(visit)(visit);
};

const choosePage = (visit: Visit): Page => {
  const { state, path } = visit;
  const method = visit.request.method === 'HEAD' ? 'GET' : (visit.request.method ?? 'GET');
  if (state.options['blogname'] === undefined) return beforeInstall(path);
  const admin = adminRoutes[`${method} ${path}`];
  if (admin) return admin;
  if (path === '/wp-admin') return () => redirect(visit, '/wp-admin/');
  if (state.options['woocommerce_coming_soon'] !== 'no' && !visit.session.user) return showComingSoon;
  // Without pretty links WordPress answers every path with its home page, and with 200.
  if (path !== '/' && state.options['permalink_structure'] === undefined) return showHome;
  if (!state.pagesMade && path !== '/') return showMissing;
  return (
    routes[`${method} ${path}`] ?? routes[`${method} ${parentOf(path)}*`] ?? unknown(visit, method, path)
  );
};

const beforeInstall = (path: string): Page => {
  if (path === '/wp-login.php' || path === '/wp-admin/install.php') return showInstaller;
  return (visit) => redirect(visit, '/wp-admin/install.php');
};

const parentOf = (path: string): string => path.replace(/[^/]+\/?$/, '');

const unknown = (visit: Visit, method: string, path: string): Page => {
  if (method === 'GET' && !path.endsWith('/') && routes[`GET ${path}/`])
    return () => redirect(visit, `${path}/`);
  if (method !== 'GET') return () => sendHtml(visit, 'This page does not take that.', 405);
  return showMissing;
};
