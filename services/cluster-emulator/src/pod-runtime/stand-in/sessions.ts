import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Product, ShopState } from './shop-state.ts';
import { toCents } from './shop-state.ts';

/** One visitor of one shop. Carts live as long as the platform runs; orders are kept for good. */
export interface Session {
  readonly id: string;
  /** Product id → quantity. */
  readonly cart: Map<number, number>;
  /** The admin's login name. */
  user: string | undefined;
}

export interface Sessions {
  of(request: IncomingMessage, response: ServerResponse): Session;
  /** What a visitor's forms and API writes must bring back: another site can't know it. */
  nonceOf(session: Session): string;
  isNonce(session: Session, nonce: string): boolean;
  /** Stands for cookie and nonce together, for programs that keep no cookies. */
  cartTokenOf(session: Session): string;
}

const cookieName = 'stand_in_session';
const mostSessions = 5000;

export const createSessions = (): Sessions => {
  const sessions = new Map<string, Session>();
  const secret = randomBytes(32);
  const nonceOf = ({ id }: Session) => createHmac('sha256', secret).update(id).digest('hex').slice(0, 20);
  return {
    of: (request, response) => {
      const [tokenId = '', tokenNonce] = String(request.headers['cart-token'] ?? '').split('.');
      const tokenSession = sessions.get(tokenId);
      if (tokenSession && tokenNonce === nonceOf(tokenSession)) return tokenSession;
      const id = new RegExp(`${cookieName}=([a-f0-9]{32})`).exec(request.headers.cookie ?? '')?.[1];
      const known = id ? sessions.get(id) : undefined;
      if (known) return known;
      const session: Session = { id: randomBytes(16).toString('hex'), cart: new Map(), user: undefined };
      sessions.set(session.id, session);
      const [oldest] = sessions.keys();
      if (sessions.size > mostSessions && oldest) sessions.delete(oldest);
      response.setHeader('set-cookie', `${cookieName}=${session.id}; Path=/; HttpOnly; SameSite=Lax`);
      return session;
    },
    nonceOf,
    isNonce: (session, nonce) => nonce === nonceOf(session),
    cartTokenOf: (session) => `${session.id}.${nonceOf(session)}`,
  };
};

export interface CartLine {
  readonly product: Product;
  readonly quantity: number;
}

export const cartLines = (state: ShopState, { cart }: Session): CartLine[] =>
  state.products.flatMap((product) => {
    const quantity = cart.get(product.id) ?? 0;
    return quantity > 0 ? [{ product, quantity }] : [];
  });

export const cartCount = (session: Session): number =>
  [...session.cart.values()].reduce((sum, quantity) => sum + quantity, 0);

export const cartTotalCents = (lines: readonly CartLine[]): number =>
  lines.reduce((sum, { product, quantity }) => sum + toCents(product.price) * quantity, 0);
