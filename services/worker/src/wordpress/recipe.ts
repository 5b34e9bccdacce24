import type { Shop } from '../manifests/shop.ts';

/** What the finished shop should have: data, read by the constant scripts in `recipe/` and by the stand-in shop. */
export interface Recipe {
  readonly version: 1;
  readonly shop: {
    readonly name: string;
    readonly url: string;
    /** Country and state, as WooCommerce writes them. */
    readonly country: string;
    readonly currency: string;
  };
  /** Its password comes in the container's environment, out of the Secret. */
  readonly admin: { readonly user: string; readonly email: string };
  readonly plugin: { readonly slug: string; readonly version: string };
  readonly theme: { readonly slug: string; readonly version: string };
  /** WordPress options, set as they stand. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly payment: { readonly cod: Readonly<Record<string, string>> };
  /** Found again by SKU, so that a second run makes no second product. */
  readonly products: readonly RecipeProduct[];
}

export interface RecipeProduct {
  readonly sku: string;
  readonly name: string;
  /** In the shop's currency, as WooCommerce takes it. */
  readonly price: string;
}

/** The specification's three. */
export const sampleProducts: readonly RecipeProduct[] = [
  { sku: 'sample-headphones', name: 'Wireless Headphones', price: '99.99' },
  { sku: 'sample-speaker', name: 'Bluetooth Speaker', price: '49.99' },
  { sku: 'sample-cable', name: 'USB-C Cable', price: '9.99' },
];

const country = 'US:CA';
const currency = 'USD';

export const recipeOf = ({ name, url, profile }: Shop): Recipe => ({
  version: 1,
  shop: { name, url, country, currency },
  admin: { user: 'admin', email: 'admin@store.local' },
  plugin: { slug: 'woocommerce', version: profile.packages.woocommerce.version },
  theme: { slug: 'storefront', version: profile.packages.storefront.version },
  options: {
    permalink_structure: '/%postname%/',
    woocommerce_coming_soon: 'no',
    woocommerce_onboarding_profile: { skipped: true },
    woocommerce_default_country: country,
    woocommerce_currency: currency,
  },
  // Without the last key no browser can buy: the checkout takes it as "no" (measured with WooCommerce 9.1.2).
  payment: { cod: { enabled: 'yes', title: 'Cash on delivery', enable_for_virtual: 'yes' } },
  products: sampleProducts,
});
