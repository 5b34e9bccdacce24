import { z } from 'zod';

/** What stores are made with, where that is worth telling. */
const noteCodes = ['shops_are_stand_ins', 'shop_archives_coming', 'shops_use_sqlite'] as const;

/** What the cluster lacks or does differently, found before a store meets it. Stores may be created all the same. */
export const Finding = z.object({
  code: z.enum([
    'no_default_storage_class',
    'no_ingress_class',
    'missing_permissions',
    'no_shop_archives',
    ...noteCodes,
  ]),
  message: z.string(),
  hint: z.string(),
  /** Since when it is known. */
  found_at: z.iso.datetime(),
});
export type Finding = z.infer<typeof Finding>;
export type NewFinding = Omit<Finding, 'found_at'>;

/** Whether a store that is created now may fail for it. */
export const isLack = ({ code }: Pick<Finding, 'code'>): boolean =>
  !noteCodes.some((noteCode) => noteCode === code);
