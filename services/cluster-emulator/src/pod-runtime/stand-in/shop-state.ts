import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../objects/json.ts';

/** All that a stand-in shop knows: what a real one keeps in its database. It lies in the shop's own claim. */
export interface ShopState {
  /** WordPress options; `blogname` is the shop's name. */
  options: Record<string, unknown>;
  plugin: string | undefined;
  theme: string | undefined;
  admin: { user: string; password: string } | undefined;
  pagesMade: boolean;
  products: Product[];
  orders: Order[];
  nextId: number;
}

export interface Product {
  readonly id: number;
  readonly sku: string;
  readonly slug: string;
  readonly name: string;
  /** In the shop's currency, e.g. `99.99`. */
  readonly price: string;
}

export interface Order {
  readonly id: number;
  /** Part of the address of its receipt, so that nobody reads another's by counting. */
  readonly key: string;
  readonly createdAt: string;
  readonly customer: Readonly<Record<string, string>>;
  readonly payment: string;
  readonly lines: readonly { readonly name: string; readonly price: string; readonly quantity: number }[];
  readonly total: string;
}

const fresh = (): ShopState => ({
  options: {},
  plugin: undefined,
  theme: undefined,
  admin: undefined,
  pagesMade: false,
  products: [],
  orders: [],
  nextId: 10,
});

/** In the shop's claim. */
export const standInShopFile = 'stand-in-shop.json';
const fileIn = (folder: string) => join(folder, standInShopFile);

export const readShop = (folder: string): ShopState =>
  existsSync(fileIn(folder)) ? { ...fresh(), ...JSON.parse(readFileSync(fileIn(folder), 'utf8')) } : fresh();

/** Whole or not at all. */
export const writeShop = (folder: string, state: ShopState): void => {
  writeFileSync(`${fileIn(folder)}.new`, JSON.stringify(state), { mode: 0o600 });
  renameSync(`${fileIn(folder)}.new`, fileIn(folder));
};

const textOption = (state: ShopState, name: string): string => {
  const value = state.options[name];
  return typeof value === 'string' ? value : '';
};

export const shopName = (state: ShopState): string => textOption(state, 'blogname') || 'Shop';
export const shopUrl = (state: ShopState): string => textOption(state, 'home');

/** `US:CA` is the United States, California; empty when nobody said where the shop is. */
export const shopPlace = (state: ShopState): { country: string; state: string } => {
  const [country = '', region = ''] = textOption(state, 'woocommerce_default_country').split(':');
  return { country, state: region };
};

/** Without pretty links WordPress answers every path with its home page. */
export const hasPrettyLinks = (state: ShopState): boolean => textOption(state, 'permalink_structure') !== '';

/** Three letters; WooCommerce's own default is the US dollar. */
export const shopCurrency = (state: ShopState): string => {
  const currency = textOption(state, 'woocommerce_currency');
  return /^[A-Z]{3}$/.test(currency) ? currency : 'USD';
};

/** @returns an amount as people read it, e.g. `$99.99`. */
export const showMoney = (state: ShopState, cents: number): string =>
  formatOf(shopCurrency(state)).format(cents / 100);

/** Making one takes longer than the rest of a page. */
const formats = new Map<string, Intl.NumberFormat>();

const formatOf = (currency: string): Intl.NumberFormat => {
  const options = { style: 'currency', currency, minimumFractionDigits: 2 } as const;
  const format = formats.get(currency) ?? new Intl.NumberFormat('en-US', options);
  formats.set(currency, format);
  return format;
};

/** Whether the checkout of a real browser would offer it: the block takes a missing `enable_for_virtual` as no. */
export const cashOnDelivery = (
  state: ShopState,
): { title: string; enableForVirtual: boolean } | undefined => {
  const cod = state.options['woocommerce_cod_settings'];
  if (!isSettings(cod) || cod['enabled'] !== 'yes') return undefined;
  return {
    title: typeof cod['title'] === 'string' ? cod['title'] : 'Cash on delivery',
    enableForVirtual: cod['enable_for_virtual'] === 'yes',
  };
};

const isSettings = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null;

export const toCents = (price: string): number => Math.round(Number(price) * 100);
export const toPrice = (cents: number): string => (cents / 100).toFixed(2);
