import type { Database } from '../db/database.ts';
import { createStore, type NewStore } from '../db/stores.ts';

let made = 0;

/** A store as the API would insert it, with an id that no other test of this file uses. */
export const sampleStore = (changes: Partial<NewStore> = {}): NewStore => {
  made += 1;
  const storeId = `store-${made.toString(36).padStart(8, '0')}`;
  return {
    storeId,
    name: 'My Shop',
    type: 'woocommerce',
    profile: 'spec',
    url: `http://${storeId}.localhost:8080`,
    adminUrl: `http://${storeId}.localhost:8080/wp-admin/`,
    maxActive: 10,
    ...changes,
  };
};

/** @returns the id of a store that was accepted a moment ago. */
export const insertSampleStore = async (db: Database, changes: Partial<NewStore> = {}): Promise<string> => {
  const input = sampleStore(changes);
  await createStore(db, input);
  return input.storeId;
};
