import type { NewFinding } from '@store-platform/shared/contract/finding';
import type { StoreRuntime } from '@store-platform/shared/config/settings';
import type { PackagesState } from '../packages/package-source.ts';
import { titleOf, type WantedPackages } from '../packages/known-packages.ts';
import { notInstalled } from './choose-runtime.ts';

/**
 * What people should know of the shops that are made now: which they are, and why.
 * @param state undefined where what runs real shops is not installed
 * @returns undefined where they are as somebody chose them
 */
export const shopFinding = (
  setting: StoreRuntime,
  state: PackagesState | undefined,
  wanted: WantedPackages,
): NewFinding | undefined => {
  if (setting === 'stand-in') return undefined;
  if (!state) return unreal(setting, notInstalled);
  if (state.kind === 'missing') return unreal(setting, state);
  if (state.kind === 'there') {
    const [wordpress, woocommerce] = [
      titleOf('wordpress', wanted.wordpress),
      titleOf('woocommerce', wanted.woocommerce),
    ];
    return {
      code: 'shops_use_sqlite',
      message: `Shops are ${wordpress} with ${woocommerce}, and SQLite in place of MySQL.`,
      hint: '',
    };
  }
  return {
    code: 'shop_archives_coming',
    message:
      state.kind === 'coming' ? `${state.message}.` : 'Whether real shops can be made is being found out.',
    hint: 'A store that is created now waits for it.',
  };
};

const unreal = (
  setting: 'auto' | 'wordpress',
  { message, hint }: { message: string; hint: string },
): NewFinding =>
  setting === 'auto'
    ? {
        code: 'shops_are_stand_ins',
        message: `Shops are stand-ins: ${message}`,
        hint: `${hint} STORE_RUNTIME=stand-in keeps them without this notice.`,
      }
    : { code: 'no_shop_archives', message: `No shop can be made: ${message}`, hint };
