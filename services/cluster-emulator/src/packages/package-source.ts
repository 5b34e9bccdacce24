import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '@store-platform/shared/log/logger';
import { PackageError } from './package-error.ts';
import type { PackageFolder } from './package-folder.ts';

/** What is known of a profile's archives. */
export type PackagesState =
  /** Whether they can be had is being found out; that takes seconds. */
  | { readonly kind: 'looking' }
  | { readonly kind: 'coming'; readonly message: string }
  | { readonly kind: 'there'; readonly folder: PackageFolder }
  | { readonly kind: 'missing'; readonly message: string; readonly hint: string };

export interface PackageSource {
  state(): PackagesState;
  /** @returns the function that ends it */
  onChange(listener: (state: PackagesState) => void): () => void;
  stop(): Promise<void>;
}

export interface PackageSourceOptions {
  /** @throws PackageError */
  bring(io: { signal: AbortSignal; tell(message: string): void }): Promise<PackageFolder>;
  /** After how long it is tried again what failed: the first time, and at most. Milliseconds. */
  readonly againMs: { readonly first: number; readonly most: number };
  readonly logger: Logger;
}

/** Brings archives in the background, again and again until they are there. Nobody waits for it who doesn't want to. */
export const openPackageSource = ({ bring, againMs, logger }: PackageSourceOptions): PackageSource => {
  const ending = new AbortController();
  const { signal } = ending;
  const listeners = new Set<(state: PackagesState) => void>();
  let state: PackagesState = { kind: 'looking' };

  const become = (next: PackagesState) => {
    if (signal.aborted) return;
    const isNews = !('message' in next && 'message' in state && next.message === state.message);
    state = next;
    if (!isNews) return;
    if (next.kind === 'coming') logger.info(next.message);
    if (next.kind === 'missing') logger.warn({ hint: next.hint }, next.message);
    for (const listener of listeners) listener(next);
  };

  const tryOnce = async (): Promise<void> => {
    try {
      const folder = await bring({ signal, tell: (message) => become({ kind: 'coming', message }) });
      become({ kind: 'there', folder });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof PackageError)) logger.error({ err: error }, 'Archives of shops met a fault');
      become(
        error instanceof PackageError
          ? { kind: 'missing', message: error.message, hint: error.hint }
          : { kind: 'missing', message: 'The archives cannot be had.', hint: 'The log says why.' },
      );
    }
  };

  const run = async (): Promise<void> => {
    for (let waitMs = againMs.first; ; waitMs = Math.min(2 * waitMs, againMs.most)) {
      await tryOnce();
      if (state.kind === 'there') return;
      await pause(waitMs, undefined, { signal });
    }
  };
  const running = run().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });

  return {
    state: () => state,
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop: async () => {
      ending.abort();
      await running;
    },
  };
};
