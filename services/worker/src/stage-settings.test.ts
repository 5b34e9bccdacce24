import { expect, it, vi } from 'vitest';
import { profiles } from '@store-platform/shared/config/profiles';
import { silentLogger } from '@store-platform/shared/testing/silent-logger';
import { stageSettings } from './stage-settings.ts';

const setUp = () => {
  const warn = vi.fn();
  const settingsFor = stageSettings({
    config: {
      profile: profiles.current,
      ingressClass: 'traefik',
      ingressNamespace: 'traefik',
      ingressAddress: { host: '127.0.0.1', port: 8080, isChosen: true },
    },
    installationId: 'i',
    registryConfig: undefined,
    logger: Object.assign(Object.create(silentLogger), { warn }),
  });
  return { warn, settingsFor };
};

it('a store keeps the profile that it was created with, whatever its worker is set to', () => {
  const { settingsFor, warn } = setUp();
  expect(settingsFor('spec')).toMatchObject({ profile: profiles.spec, ingressClass: 'traefik' });
  expect(warn).not.toHaveBeenCalled();
});

it('a store of a profile that is no longer known can still be torn down, and the log says so once', () => {
  const { settingsFor, warn } = setUp();
  expect(settingsFor('vintage').profile).toBe(profiles.current);
  expect(settingsFor('vintage').profile).toBe(profiles.current);
  expect(warn.mock.calls).toEqual([
    [{ profile: 'vintage', instead: 'current' }, expect.stringContaining('does not know the profile')],
  ]);
});
