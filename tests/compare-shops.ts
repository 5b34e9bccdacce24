import { readdir, readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join, relative } from 'node:path';
import type { Dump, Row } from './dump-shop.ts';

/** What two shops that were made in different ways may differ in. */
const own = {
  /** Options that are drawn for each shop. */
  options: new Set([
    'woocommerce_store_id',
    'woocommerce_maxmind_geolocation_settings',
    'woocommerce_remote_variant_assignment',
    'woocommerce_inbox_variant_assignment',
  ]),
  /** Options that come with the time: how far work in the background is. */
  passing:
    /^(_site)?_transient_|_images_batch_|^action_scheduler_(lock_|migration_status)|^cron$|^jetpack_options$/,
  /** Columns that hold a password's hash, or count rows that have been. */
  columns: new Set(['wp_users.user_pass', 'wp_options.option_id']),
  /** Work in the background, what a visitor left, and SQLite's own counters. */
  tables:
    /^sqlite_sequence$|^wp_actionscheduler_|^wp_woocommerce_sessions$|^wp_wc_(order|customer)|^wp_woocommerce_order/,
  /** The checkout of whoever looked at it: it becomes an order, or goes. */
  posts: /^shop_order/,
};

export interface ComparedShop {
  readonly dump: Dump;
  readonly url: string;
  readonly name: string;
}

/** @returns each thing that the shop has, as one sorted line, without what is its own */
export const linesOf = ({ dump, url, name }: ComparedShop): string[] => {
  const { host, hostname } = new URL(url);
  // Longest first: each of them holds the next.
  const words: [string, string][] = [url, host, hostname, ...spellingsOf(name)].map((word) => [
    word,
    word.includes('localhost') ? 'ADDRESS' : 'NAME',
  ]);
  const neutral = (value: Row[string] | undefined): string => {
    let text = String(value);
    for (const [word, replacement] of words) text = text.replaceAll(word, replacement);
    return text
      .replaceAll(/s:\d+:"(?=[^"]*(?:ADDRESS|NAME))/g, 's:?:"')
      .replaceAll(/\b1\d{9}\b/g, 'TIME')
      .replaceAll(/\b20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\b/g, 'DATE');
  };
  const visited = new Set(
    (dump.tables['wp_posts']?.rows ?? [])
      .filter(({ post_type }) => own.posts.test(String(post_type)))
      .map(({ ID }) => ID),
  );
  return Object.entries(dump.tables)
    .filter(([table]) => !own.tables.test(table))
    .flatMap(([table, { sql, rows }]) => [
      `${table}: ${sql}`,
      ...rows
        .filter((row) => !isOwn(table, row) && !visited.has(row['ID'] ?? row['post_id'] ?? null))
        .map((row) => {
          const fields = Object.entries(row).filter(([column]) => !own.columns.has(`${table}.${column}`));
          return `${table}: ${fields.map(([column, value]) => `${column}=${neutral(value)}`).join(' | ')}`;
        }),
    ])
    .concat(hooksOf(dump))
    .toSorted();
};

/** WordPress keeps names with their entities, and JSON escapes them. */
const spellingsOf = (name: string): string[] => {
  const encoded = name.replaceAll('&', '&amp;');
  const escaped = encoded.replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const quoted = escaped.replaceAll("'", '&#039;');
  return [quoted, escaped, encoded, name];
};

const isOwn = (table: string, row: Row): boolean => {
  const option = String(row['option_name']);
  return table === 'wp_options' && (own.options.has(option) || own.passing.test(option));
};

/** What is to be done regularly, whenever it is next. */
const hooksOf = ({ tables }: Dump): string[] => {
  const cron = tables['wp_options']?.rows.find(({ option_name }) => option_name === 'cron');
  const names = String(cron?.['option_value']).matchAll(/s:\d+:"([a-z][a-z0-9_/-]{3,})";a:\d/gi);
  return [...new Set([...names].map(([, name]) => `regularly: ${name}`))];
};

/** @returns path and checksum of each file; the database and logs are left out. @param claim the docroot */
export const filesOf = async (claim: string): Promise<string[]> => {
  const entries = await readdir(claim, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/^wp-content\/(database|uploads\/wc-logs)\//.test(relative(claim, path)));
  const lines = files.map(async (path) => {
    const hash = createHash('sha256').update(await readFile(path));
    return `${relative(claim, path)} ${hash.digest('hex')}`;
  });
  return (await Promise.all(lines)).toSorted();
};
