import { isIPv6 } from 'node:net';

/** Counts wrong tokens per address. Nothing in it waits, so guesses that arrive together are counted one by one. */
export interface GuessLimit {
  /** @returns seconds until this address may guess again; undefined while it still may. */
  waitSeconds(address: string): number | undefined;
  countWrong(address: string): void;
}

const guesses = 10;
const windowMs = 60_000;
/** So many addresses are remembered; beyond, those whose time is over are forgotten first, then the oldest. */
const remembered = 10_000;

/** @param nowMs a monotonic clock. */
export const createGuessLimit = (nowMs: () => number = () => performance.now()): GuessLimit => {
  const wrong = new Map<string, { count: number; readonly endsAt: number }>();
  const find = (key: string) => {
    const entry = wrong.get(key);
    return entry && entry.endsAt > nowMs() ? entry : undefined;
  };
  const makeRoom = () => {
    if (wrong.size < remembered) return;
    for (const [key, { endsAt }] of wrong) if (endsAt <= nowMs()) wrong.delete(key);
    const [oldest] = wrong.keys();
    if (wrong.size >= remembered && oldest !== undefined) wrong.delete(oldest);
  };
  return {
    waitSeconds: (address) => {
      const entry = find(networkOf(address));
      return entry && entry.count >= guesses ? Math.ceil((entry.endsAt - nowMs()) / 1000) : undefined;
    },
    countWrong: (address) => {
      const key = networkOf(address);
      const entry = find(key);
      if (entry) {
        entry.count += 1;
        return;
      }
      makeRoom();
      wrong.delete(key);
      wrong.set(key, { count: 1, endsAt: nowMs() + windowMs });
    },
  };
};

/** An IPv6 visitor owns the whole /64 that his address lies in, so that counts as one. */
export const networkOf = (address: string): string => {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!isIPv6(plain)) return plain;
  const [left = [], right = []] = plain.split('::').map((part) => part.split(':').filter(Boolean));
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return [...left, ...(plain.includes('::') ? zeros : []), ...right].slice(0, 4).join(':').toLowerCase();
};
