/** What a shop is made of. One table; `STORE_PROFILE` names a row. */
export interface Profile {
  readonly name: ProfileName;
  readonly images: { readonly mysql: string; readonly wordpress: string; readonly wpCli: string };
  readonly packages: Readonly<Record<PackageName, StorePackage>>;
  /** Whether its parts no longer get security fixes: then it is for local use, and people are told so. */
  readonly endOfLife: boolean;
}

/** WordPress comes as an image on a cluster; its archive and the SQLite plugin are wanted where shops run without one. */
export type PackageName = 'wordpress' | 'woocommerce' | 'storefront' | 'sqlite';

/** An archive at a pinned version. */
export interface StorePackage {
  readonly version: string;
  readonly url: string;
  /** Of the archive, in hexadecimal. Undefined: its version alone is checked, because wordpress.org publishes none. */
  readonly sha256: string | undefined;
}

export const profileNames = ['spec', 'current'] as const;
export type ProfileName = (typeof profileNames)[number];

/** As wordpress.org publishes them. */
const wordpress = (version: string): StorePackage => ({
  version,
  url: `https://wordpress.org/wordpress-${version}.zip`,
  sha256: undefined,
});
export const woocommerce = (version: string): StorePackage => ({
  version,
  url: `https://downloads.wordpress.org/plugin/woocommerce.${version}.zip`,
  sha256: undefined,
});
export const storefront = (version: string): StorePackage => ({
  version,
  url: `https://downloads.wordpress.org/theme/storefront.${version}.zip`,
  sha256: undefined,
});
const sqlite: StorePackage = {
  version: '3.0.2',
  url: 'https://downloads.wordpress.org/plugin/sqlite-database-integration.3.0.2.zip',
  sha256: undefined,
};

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  // The specification's own parts. 9.1.2 is the newest WooCommerce that WordPress 6.4 accepts.
  spec: {
    name: 'spec',
    images: {
      mysql: 'mysql:8.0',
      wordpress: 'wordpress:6.4-apache',
      wpCli: 'wordpress:cli-2.12.0-php8.2',
    },
    packages: {
      // Of the line that the image's tag names.
      wordpress: wordpress('6.4.5'),
      woocommerce: woocommerce('9.1.2'),
      storefront: storefront('4.6.2'),
      sqlite,
    },
    endOfLife: true,
  },
  current: {
    name: 'current',
    images: {
      mysql: 'mysql:8.4',
      wordpress: 'wordpress:7.1-apache',
      wpCli: 'wordpress:cli-2.12.0-php8.2',
    },
    packages: {
      wordpress: wordpress('7.1.1'),
      woocommerce: woocommerce('11.1.0'),
      storefront: storefront('4.6.2'),
      sqlite,
    },
    endOfLife: false,
  },
};
