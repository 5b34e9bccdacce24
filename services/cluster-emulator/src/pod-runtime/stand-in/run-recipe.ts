import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject, objectsAt, stringAt, type JsonObject } from '../../objects/json.ts';
import { readShop, writeShop, type ShopState } from './shop-state.ts';

export interface StepReport {
  readonly step: string;
  readonly ok: boolean;
  readonly message: string;
}

/**
 * Does what the recipe tells, step by step, to the state of a stand-in shop. It reads the same `recipe.json` as the real
 * scripts, and makes only what stands in there, so that a part left out is missing in the shop.
 * @param recipeFolder the folder that holds `recipe.json`
 * @param shopFolder the shop's claim
 */
export const runRecipe = (
  recipeFolder: string,
  shopFolder: string,
  adminPassword: string,
  report: (step: StepReport) => void,
): void => {
  const recipe: unknown = JSON.parse(readFileSync(join(recipeFolder, 'recipe.json'), 'utf8'));
  for (const { step, message, change } of steps) {
    const state = readShop(shopFolder);
    const part = change(state, recipe, adminPassword);
    if (part === 'left out') continue;
    writeShop(shopFolder, state);
    report({ step, ok: true, message });
  }
};

interface Step {
  readonly step: string;
  readonly message: string;
  change(state: ShopState, recipe: unknown, adminPassword: string): 'left out' | void;
}

const part = (recipe: unknown, name: string): JsonObject | undefined => {
  const found = isJsonObject(recipe) ? recipe[name] : undefined;
  return isJsonObject(found) ? found : undefined;
};

const steps: readonly Step[] = [
  {
    step: 'core',
    message: 'WordPress is installed (stand-in).',
    change: (state, recipe, adminPassword) => {
      const admin = part(recipe, 'admin');
      const shop = part(recipe, 'shop');
      // WordPress makes its first user while it is installed: without one there is no installing.
      if (!shop || !admin) return 'left out';
      state.options['blogname'] = stringAt(shop, 'name') ?? '';
      state.options['home'] = stringAt(shop, 'url') ?? '';
      // Without a password nobody could be told from anybody: then nobody can log in.
      if (adminPassword)
        state.admin ??= { user: stringAt(admin, 'user') ?? 'admin', password: adminPassword };
      return undefined;
    },
  },
  {
    step: 'plugin',
    message: 'WooCommerce is active (stand-in).',
    change: (state, recipe) => {
      const plugin = part(recipe, 'plugin');
      if (!plugin) return 'left out';
      state.plugin = `${stringAt(plugin, 'slug')} ${stringAt(plugin, 'version')}`;
      state.pagesMade = true;
      return undefined;
    },
  },
  {
    step: 'theme',
    message: 'Storefront is active (stand-in).',
    change: (state, recipe) => {
      const theme = part(recipe, 'theme');
      if (!theme) return 'left out';
      state.theme = `${stringAt(theme, 'slug')} ${stringAt(theme, 'version')}`;
      return undefined;
    },
  },
  {
    step: 'options',
    message: 'Country, currency, links and payment are set.',
    change: (state, recipe) => {
      Object.assign(state.options, part(recipe, 'options'));
      const cod = part(part(recipe, 'payment'), 'cod');
      if (cod) state.options['woocommerce_cod_settings'] = cod;
      return undefined;
    },
  },
  {
    step: 'products',
    message: 'The products are for sale.',
    change: (state, recipe) => {
      for (const wanted of objectsAt(recipe, 'products')) addProduct(state, wanted);
      return undefined;
    },
  },
];

/** Found again by SKU: a second run makes no second product. */
const addProduct = (state: ShopState, wanted: JsonObject): void => {
  const sku = stringAt(wanted, 'sku') ?? '';
  const name = stringAt(wanted, 'name') ?? '';
  const known = state.products.find((product) => product.sku === sku);
  const id = known?.id ?? state.nextId;
  const product = { id, sku, slug: slugOf(name, id), name, price: stringAt(wanted, 'price') ?? '0' };
  if (known) state.products = state.products.map((other) => (other === known ? product : other));
  else {
    state.products.push(product);
    state.nextId += 1;
  }
};

/** For names without a Latin letter the id does. */
const slugOf = (name: string, id: number): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '') || `product-${id}`;
