/** Absolute paths of the verified archives that a shop of a profile is made from. */
export type PackageFolder = {
  readonly wordpress: string;
  readonly woocommerce: string;
  readonly storefront: string;
  readonly sqlite: string;
};
