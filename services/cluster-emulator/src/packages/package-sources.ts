import { join } from 'node:path';
import type { Profile } from '@store-platform/shared/config/profiles';
import type { Logger } from '@store-platform/shared/log/logger';
import { fetchPackages, type FetchTiming } from './fetch-packages.ts';
import { findPackages } from './find-packages.ts';
import { openPackageSource, type PackageSource } from './package-source.ts';

export interface PackageSources {
  /** Begins to bring this profile's archives at the first call. */
  of(profile: Profile): PackageSource;
  stop(): Promise<void>;
}

export interface PackageSourcesOptions {
  readonly dataDir: string;
  /** A folder that somebody filled; undefined: they are fetched. */
  readonly filledFolder: string | undefined;
  readonly timing: FetchTiming;
  readonly logger: Logger;
}

/** The internet may be away for long; a folder is looked at often, because somebody is just filling it. */
const againMs = { fetched: { first: 30_000, most: 600_000 }, found: { first: 10_000, most: 30_000 } };

/** One source for each profile: stores keep theirs, whatever the settings name now. */
export const createPackageSources = (options: PackageSourcesOptions): PackageSources => {
  const { dataDir, filledFolder, timing, logger } = options;
  const sources = new Map<string, PackageSource>();
  const open = ({ packages: wanted }: Profile): PackageSource =>
    openPackageSource({
      againMs: filledFolder === undefined ? againMs.fetched : againMs.found,
      logger,
      bring: (io) =>
        filledFolder === undefined
          ? fetchPackages({ ...io, wanted, folder: join(dataDir, 'packages'), timing })
          : findPackages(filledFolder, wanted),
    });
  return {
    of: (profile) => {
      const source = sources.get(profile.name) ?? open(profile);
      sources.set(profile.name, source);
      return source;
    },
    stop: async () => {
      await Promise.all([...sources.values()].map((source) => source.stop()));
    },
  };
};
