import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import { listenOnLoopback } from '@store-platform/shared/testing/listen-on-loopback';
import { sampleProducts } from '../wordpress/recipe.ts';

/** What a shop answers with. A test spoils one thing and leaves the others. */
export interface ShopAnswers {
  name: string;
  /** Status of `/`. */
  frontPage: number;
  shopPage: string;
  listed: readonly { id: number; name: string }[];
  /** Of an `add-item` with the right nonce and cookie. */
  cart: { items_count: number; items: readonly { key: string }[] };
  checkout: unknown;
  /** What stands before those settings in the page. */
  settings: 'wcSettings = wcSettings || JSON.parse' | 'wcSettings = JSON.parse';
  admin: { status: number; location: string };
  /** Answers nothing at all. */
  silent: boolean;
}

const goodAnswers = (name: string): ShopAnswers => ({
  name,
  frontPage: 200,
  shopPage: sampleProducts
    .map(({ name, price }) => `<li><h2>${name}</h2><bdi><span>&#36;</span>${price}</bdi></li>`)
    .join('\n'),
  listed: sampleProducts.map(({ name }, index) => ({ id: index + 10, name })),
  cart: { items_count: 1, items: [{ key: 'k1' }] },
  checkout: { paymentMethodData: { cod: { enableForVirtual: true } } },
  settings: 'wcSettings = wcSettings || JSON.parse',
  admin: { status: 302, location: '/wp-login.php?redirect_to=x' },
  silent: false,
});

/** WordPress as the final check meets it, on loopback, gone when the test ends. */
export const startFakeShop = async (name: string) => {
  const answers = goodAnswers(name);
  const visits: string[] = [];
  const server = createServer((request, response) => {
    visits.push(`${request.method} ${request.headers.host}${request.url}`);
    if (!answers.silent) answer(answers, request, response);
  });
  const port = await listenOnLoopback(server);
  return { answers, visits, address: { host: '127.0.0.1', port } };
};

const json = (response: ServerResponse, status: number, body: unknown) =>
  response
    .writeHead(status, { 'content-type': 'application/json', nonce: 'n1', 'set-cookie': 'cart=c1; Path=/' })
    .end(JSON.stringify(body));

const answer = (answers: ShopAnswers, { url = '', headers }: IncomingMessage, response: ServerResponse) => {
  switch (url) {
    case '/':
      return response.writeHead(answers.frontPage).end();
    case '/wp-json/?_fields=name':
      return json(response, 200, { name: answers.name });
    case '/shop/':
      return response.end(answers.shopPage);
    case '/wp-json/wc/store/v1/products':
      return json(response, 200, answers.listed);
    case '/wp-json/wc/store/v1/cart':
      return json(response, 200, { items_count: 0, items: [] });
    case '/wp-json/wc/store/v1/cart/add-item':
      return headers['nonce'] === 'n1' && headers.cookie === 'cart=c1'
        ? json(response, 201, answers.cart)
        : json(response, 401, { code: 'woocommerce_rest_missing_nonce' });
    case '/wp-json/wc/store/v1/cart/remove-item':
      return json(response, 200, { items_count: 0, items: [] });
    case '/checkout/':
      if (headers.cookie !== 'cart=c1') return response.writeHead(302, { location: '/cart/' }).end();
      return response.end(
        `<script>var ${answers.settings}( decodeURIComponent( '${encodeURIComponent(JSON.stringify(answers.checkout))}' ) );</script>`,
      );
    case '/wp-admin/':
      return response.writeHead(answers.admin.status, { location: answers.admin.location }).end();
    default:
      return response.writeHead(404).end();
  }
};
