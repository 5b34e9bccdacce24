import { escapeHtml } from './html.ts';
import { backToShop, nonceField, notice, sendPage } from './send-page.ts';
import { hasPrettyLinks, showMoney, toCents, type Product } from './shop-state.ts';
import type { Visit } from './visit.ts';

const pictures: Readonly<Record<string, string>> = { headphones: '🎧', speaker: '🔊', cable: '🔌' };
const pictureOf = ({ sku }: Product) => pictures[sku.split('-').at(-1) ?? ''] ?? '📦';
const priceOf = ({ state }: Visit, { price }: Product) => escapeHtml(showMoney(state, toCents(price)));

export const showShop = (visit: Visit): void => sendPage(visit, 'Shop', productGrid(visit));

const productGrid = (visit: Visit): string => {
  const cards = visit.state.products.map(
    (product) => `<li class="card"><div class="picture" aria-hidden="true">${pictureOf(product)}</div>
<h2><a href="/product/${product.slug}/">${escapeHtml(product.name)}</a></h2><p class="price">${priceOf(visit, product)}</p>${addForm(visit, product)}</li>`,
  );
  return cards.length > 0 ? `<ul class="grid">${cards.join('')}</ul>` : notice('No products were found.');
};

const addForm = (visit: Visit, { id, name }: Product, quantity = '') =>
  `<form method="post" action="/cart/">${nonceField(visit)}<input type="hidden" name="add" value="${id}">${quantity}<button aria-label="Add ${escapeHtml(name)} to cart">Add to cart</button></form>`;

const quantityInput =
  '<p><label for="quantity">Quantity</label><input type="number" id="quantity" name="quantity" min="1" max="999" value="1" required></p>';

export const showProduct = (visit: Visit): void => {
  const slug = visit.path.split('/')[2];
  const product = visit.state.products.find((candidate) => candidate.slug === slug);
  if (!product) return showMissing(visit);
  const body = `<div class="picture" aria-hidden="true">${pictureOf(product)}</div><p class="price">${priceOf(visit, product)}</p>${addForm(visit, product, quantityInput)}`;
  return sendPage(visit, product.name, body);
};

export const showMissing = (visit: Visit): void =>
  sendPage(visit, 'Nothing is here', `<p>This page does not exist.</p>${backToShop}`, 404);

/** Without WooCommerce or without pretty links there is nothing to sell here, as in a WordPress that is only installed. */
export const showHome = (visit: Visit): void => {
  if (!visit.state.pagesMade || !hasPrettyLinks(visit.state))
    return sendPage(visit, 'Hello world!', '<p>Welcome to WordPress. This is your first post.</p>');
  return sendPage(visit, 'Welcome', `<p>Have a look around:</p>${productGrid(visit)}`);
};

export const showComingSoon = (visit: Visit): void =>
  sendPage(visit, 'Great things are on the horizon', '<p>This shop opens soon.</p>');

export const showAccount = (visit: Visit): void =>
  sendPage(
    visit,
    'My account',
    '<p>Guests may buy without an account. The shop is run at <a href="/wp-admin/">the admin pages</a>.</p>',
  );
