import { profiles, profileNames } from '@store-platform/shared/config/profiles';
import type { WorkerConfig } from '@store-platform/shared/config/worker-config';
import type { Logger } from '@store-platform/shared/log/logger';
import type { StageSettings } from './runner/stage.ts';

export interface StageSettingsOptions {
  config: Pick<WorkerConfig, 'profile' | 'ingressClass' | 'ingressNamespace' | 'ingressAddress'>;
  installationId: string;
  registryConfig: string | undefined;
  logger: Logger;
}

/**
 * @returns the settings for a store of a profile. A store keeps the profile that it was created with; one that this
 * release no longer knows gives way to the worker's own, because its teardown must work all the same.
 */
export const stageSettings = ({ config, installationId, registryConfig, logger }: StageSettingsOptions) => {
  const { ingressClass, ingressNamespace, ingressAddress } = config;
  const reported = new Set<string>();
  return (profile: string): StageSettings => {
    const name = profileNames.find((known) => known === profile);
    if (!name && !reported.has(profile)) {
      reported.add(profile);
      logger.warn(
        { profile, instead: config.profile.name },
        'This release does not know the profile of a store',
      );
    }
    return {
      installationId,
      // The settings replace parts of the profile that they name, and of no other.
      profile: name && name !== config.profile.name ? profiles[name] : config.profile,
      ingressClass,
      ingressNamespace,
      ingressAddress,
      registryConfig,
    };
  };
};
