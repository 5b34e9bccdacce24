import type { PackageName, StorePackage } from '@store-platform/shared/config/profiles';

export type WantedPackages = Readonly<Record<PackageName, StorePackage>>;

export const packageNames = [
  'wordpress',
  'woocommerce',
  'storefront',
  'sqlite',
] as const satisfies readonly PackageName[];

interface KnownPackage {
  /** As people know it. */
  readonly title: string;
  /** Its folder inside the archive, which is also how its archives are called. */
  readonly slug: string;
  /** The file inside the archive that says the version, near its beginning. */
  readonly entry: string;
  readonly version: RegExp;
}

const header = /^[ \t*]*Version:[ \t]*(\S+)/m;

export const knownPackages: Readonly<Record<PackageName, KnownPackage>> = {
  wordpress: {
    title: 'WordPress',
    slug: 'wordpress',
    entry: 'wordpress/wp-includes/version.php',
    version: /\$wp_version\s*=\s*'([^']+)'/,
  },
  woocommerce: {
    title: 'WooCommerce',
    slug: 'woocommerce',
    entry: 'woocommerce/woocommerce.php',
    version: header,
  },
  storefront: { title: 'Storefront', slug: 'storefront', entry: 'storefront/style.css', version: header },
  sqlite: {
    title: 'SQLite Database Integration',
    slug: 'sqlite-database-integration',
    entry: 'sqlite-database-integration/load.php',
    version: header,
  },
};

/** E.g. `WooCommerce 9.1.2`. */
export const titleOf = (name: PackageName, { version }: Pick<StorePackage, 'version'>): string =>
  `${knownPackages[name].title} ${version}`;

/** E.g. `woocommerce.9.1.2.zip`, as wordpress.org calls it. */
export const fileNameOf = (name: PackageName, { version }: Pick<StorePackage, 'version'>): string =>
  `${knownPackages[name].slug}.${version}.zip`;
