import type { Profile } from '@store-platform/shared/config/profiles';
import { profiles } from '@store-platform/shared/config/profiles';
import type { StoreRuntime } from '@store-platform/shared/config/settings';
import type { NewFinding } from '@store-platform/shared/contract/finding';
import type { ObjectStore } from '../objects/object-store.ts';
import { namespaces } from '../objects/resources.ts';
import type { PackageFolder } from '../packages/package-folder.ts';
import type { PackageSource } from '../packages/package-source.ts';
import type { PackageSources } from '../packages/package-sources.ts';
import { chooseRuntime } from './choose-runtime.ts';
import type { PlacedPod, PodRuntime } from './pod-runtime.ts';
import { rememberOnNamespace } from './runtime-memory.ts';
import { shopFinding } from './shop-finding.ts';
import type { WordPressRuntime } from './wordpress/wordpress-runtime.ts';

export interface ShopRuntimesOptions {
  readonly setting: StoreRuntime;
  /** Of new stores. */
  readonly profile: Profile;
  readonly sources: PackageSources;
  readonly standIn: PodRuntime;
  /** Undefined where what it needs is not installed. */
  readonly wordpress: ((packagesOf: (pod: PlacedPod) => PackageFolder) => WordPressRuntime) | undefined;
}

/** Where the platform looks what it should tell people of this cluster's shops. */
const findingAnnotation = 'store-platform.dev/finding';

/** The runtime of a cluster whose shops may be real, and a word on its `kube-system` about which they are. */
export const shopRuntimes = (
  { setting, profile, sources, standIn, wordpress }: ShopRuntimesOptions,
  objects: ObjectStore,
): PodRuntime => {
  const tell = (state?: Parameters<typeof shopFinding>[1]) =>
    writeFinding(objects, shopFinding(setting, state, profile.packages));
  if (setting === 'stand-in' || !wordpress) tell();
  else {
    const source = sources.of(profile);
    source.onChange(tell);
    tell(source.state());
  }
  const packagesOf = (pod: PlacedPod): PackageSource => sources.of(profileOfPod(pod, profile));
  return chooseRuntime({
    setting,
    standIn,
    wordpress: wordpress?.((pod) => {
      const state = packagesOf(pod).state();
      if (state.kind === 'there') return state.folder;
      throw new Error(
        state.kind === 'missing' ? `${state.message} ${state.hint}` : 'The archives are not there yet.',
      );
    }),
    packagesOf,
    memory: rememberOnNamespace(objects),
  });
};

/** A store keeps the profile that it was created with: its image tells which. */
const profileOfPod = ({ containers }: PlacedPod, own: Profile): Profile =>
  [own, ...Object.values(profiles)].find(({ images }) =>
    containers.some(({ image }) => image === images.wordpress),
  ) ?? own;

const writeFinding = (objects: ObjectStore, finding: NewFinding | undefined): void => {
  objects.update(namespaces, undefined, 'kube-system', ({ metadata }) => {
    const { [findingAnnotation]: _before, ...others } = metadata.annotations ?? {};
    metadata.annotations = finding ? { ...others, [findingAnnotation]: JSON.stringify(finding) } : others;
  });
};
