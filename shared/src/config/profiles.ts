/** What a shop is made of. One table; `STORE_PROFILE` names a row. */
export interface Profile {
  readonly name: ProfileName;
  readonly images: { readonly mysql: string; readonly wordpress: string; readonly wpCli: string };
  readonly packages: { readonly woocommerce: StorePackage; readonly storefront: StorePackage };
  /** Whether its parts no longer get security fixes: then it is for local use, and people are told so. */
  readonly endOfLife: boolean;
}

/** A plugin or theme archive at a pinned version. */
export interface StorePackage {
  readonly version: string;
  readonly url: string;
}

export const profileNames = ['spec', 'current'] as const;
export type ProfileName = (typeof profileNames)[number];

const plugin = (slug: string, version: string): StorePackage => ({
  version,
  url: `https://downloads.wordpress.org/plugin/${slug}.${version}.zip`,
});
const theme = (slug: string, version: string): StorePackage => ({
  version,
  url: `https://downloads.wordpress.org/theme/${slug}.${version}.zip`,
});

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  // The specification's own parts. 9.1.2 is the newest WooCommerce that WordPress 6.4 accepts.
  spec: {
    name: 'spec',
    images: {
      mysql: 'mysql:8.0',
      wordpress: 'wordpress:6.4-apache',
      wpCli: 'wordpress:cli-2.12.0-php8.2',
    },
    packages: { woocommerce: plugin('woocommerce', '9.1.2'), storefront: theme('storefront', '4.6.2') },
    endOfLife: true,
  },
  current: {
    name: 'current',
    images: {
      mysql: 'mysql:8.4',
      wordpress: 'wordpress:7.1-apache',
      wpCli: 'wordpress:cli-2.12.0-php8.2',
    },
    packages: { woocommerce: plugin('woocommerce', '11.1.0'), storefront: theme('storefront', '4.6.2') },
    endOfLife: false,
  },
};
