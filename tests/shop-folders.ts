import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

// Where the emulated cluster keeps what real shops are made of.

/** @returns the docroot on this machine of a store's shop. @param cluster the emulated cluster's data */
export const wordpressClaim = (cluster: string, storeId: string): string => {
  const claims = join(cluster, 'claims', storeId);
  return join(claims, readdirSync(claims).find((volume) => volume.startsWith('wordpress-data')) ?? '');
};

/** @returns the processes of PHP that run, as the emulator notes each. @param wordpress the runtime's folder */
export const phpProcesses = (wordpress: string): number[] =>
  readdirSync(join(wordpress, 'processes')).map(Number);

/** Whether a finished shop lies ready: the next one begins as its copy. @param wordpress the runtime's folder */
export const hasTemplate = (wordpress: string): boolean => {
  const folder = join(wordpress, 'templates');
  return existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.spare'));
};
