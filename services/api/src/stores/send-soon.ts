import { sendDue, type DispatchDeps } from '@store-platform/shared/dispatch/send-due';

export interface Sender {
  /** Sends what is due of a store whose transaction is committed. Never throws, and holds up no answer. */
  sendSoon(storeId: string): void;
  /** Resolves when nothing is being sent any more. */
  settled(): Promise<void>;
}

/** The row is the promise, so callers need not wait for a queue that may be slow or away; the sweep sends what stays. */
export const createSender = (deps: DispatchDeps): Sender => {
  const pending = new Set<Promise<unknown>>();
  return {
    sendSoon: (storeId) => {
      const sending = sendDue(deps, storeId)
        .catch((error: unknown) => deps.logger.error({ err: error, storeId }, 'Due stages were not sent'))
        .finally(() => pending.delete(sending));
      pending.add(sending);
    },
    settled: async () => {
      while (pending.size > 0) await Promise.all(pending);
    },
  };
};
