import { escapeHtml, renderPage } from './html.ts';
import { cartCount } from './sessions.ts';
import { shopName } from './shop-state.ts';
import { readForm, sendHtml, type Visit } from './visit.ts';

/** @param body HTML, its parts already escaped. */
export const sendPage = (visit: Visit, title: string, body: string, status = 200): void => {
  const { state, session } = visit;
  const madeWith = `Plugin: ${state.plugin ?? 'none'} · Theme: ${state.theme ?? "WordPress' own"}`;
  const page = { title, body, madeWith, shopName: shopName(state), cartCount: cartCount(session) };
  sendHtml(visit, renderPage(page), status);
};

export const notice = (text: string, kind: '' | 'error' = ''): string =>
  `<p class="notice ${kind}" role="${kind ? 'alert' : 'status'}">${escapeHtml(text)}</p>`;

export const backToShop = '<a class="button" href="/shop/">Return to shop</a>';

/** Something that was sent makes no sense: says what, and changes nothing. */
export const refuse = (visit: Visit, title: string, text: string, status = 400): void =>
  sendPage(visit, title, `${notice(text, 'error')}${backToShop}`, status);

export const nonceField = ({ session, sessions }: Visit): string =>
  `<input type="hidden" name="nonce" value="${sessions.nonceOf(session)}">`;

/** @returns the form; undefined when it didn't come from a page of this visitor, who has then been told. */
export const readOwnForm = async (visit: Visit): Promise<URLSearchParams | undefined> => {
  const form = await readForm(visit);
  if (visit.sessions.isNonce(visit.session, form.get('nonce') ?? '')) return form;
  refuse(visit, 'This form is too old', 'Nothing was changed. Go back to the shop and try again.', 403);
  return undefined;
};
