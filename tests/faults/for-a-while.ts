import { setTimeout as pause } from 'node:timers/promises';
import type { CuttableProxy } from '@store-platform/shared/testing/cuttable-proxy';

/** Nobody is there, as when a server was stopped. Resolves when it is back. */
export const awayFor = async (proxy: CuttableProxy, ms: number): Promise<void> => {
  await proxy.cut();
  await pause(ms);
  await proxy.mend();
};

/** Connections stay and nothing is answered. Resolves when it answers again. */
export const hangingFor = async (proxy: CuttableProxy, ms: number): Promise<void> => {
  proxy.freeze();
  await pause(ms);
  proxy.thaw();
};
