import { describe, expect, it } from 'vitest';
import { clusterOf, databaseUrlOf, platformConfig } from './platform-config.ts';
import { readSettings, type Environment } from './settings.ts';

const configOf = (environment: Environment) => platformConfig(readSettings(environment), 'postgres://db/x');
const urlOf = (environment: Environment) => databaseUrlOf(readSettings(environment));

describe('the database', () => {
  it('is nobody’s when none is named: then the launcher brings the embedded one', () => {
    expect(urlOf({})).toBeUndefined();
  });

  it('is DATABASE_URL as it stands, whatever else is set', () => {
    expect(urlOf({ DATABASE_URL: 'postgres://db/x', DB_HOST: 'other' })).toBe('postgres://db/x');
  });

  it('is made of the specification’s parts, whatever characters they hold', () => {
    const parts = { DB_HOST: 'db.example.com', DB_PORT: '5433', DB_NAME: 'shops', DB_USER: 'me@work' };
    const url = new URL(urlOf({ ...parts, DB_PASSWORD: 'p@:/ß%41' }) ?? '');
    expect([url.hostname, url.port, url.pathname]).toEqual(['db.example.com', '5433', '/shops']);
    expect([url.username, url.password].map(decodeURIComponent)).toEqual(['me@work', 'p@:/ß%41']);
  });

  it.each(['::1', '[::1]'])('may be at the IPv6 address %s', (DB_HOST) => {
    expect(new URL(urlOf({ DB_HOST }) ?? '').hostname).toBe('[::1]');
  });
});

describe('the cluster', () => {
  it('is the emulated one, however many kubeconfigs lie about', () => {
    expect(clusterOf(readSettings({ KUBECONFIG: '/home/me/.kube/config' }))).toMatchObject({
      kind: 'emulated',
      kubeconfigPath: undefined,
    });
  });

  it('is the context that is named, also where the platform runs in a cluster', () => {
    const named = { KUBE_CONTEXT: 'kind-shops', KUBECONFIG: '/k', KUBERNETES_SERVICE_HOST: '10.0.0.1' };
    expect(clusterOf(readSettings(named))).toEqual({
      kind: 'context',
      kubeconfigPath: '/k',
      name: 'kind-shops',
    });
  });

  it('is the one that the platform runs in', () => {
    expect(clusterOf(readSettings({ KUBERNETES_SERVICE_HOST: '10.0.0.1' })).kind).toBe('in-cluster');
  });
});

describe('the addresses of shops', () => {
  it('are on this machine and behind the emulated ingress', () => {
    expect(configOf({ INGRESS_PORT: '8081' })).toMatchObject({ baseDomain: 'localhost', publicPort: 8081 });
  });

  it('are made of the cluster’s address on a cluster', () => {
    expect(configOf({ KUBE_CONTEXT: 'c', CLUSTER_IP: '10.1.2.3', INGRESS_PORT: '8081' })).toMatchObject({
      baseDomain: '10.1.2.3.nip.io',
      publicPort: 80,
    });
  });

  it('are as they are named', () => {
    const named = { STORE_BASE_DOMAIN: 'shops.example.com', STORE_PUBLIC_PORT: '8443' };
    expect(configOf(named)).toMatchObject({ baseDomain: 'shops.example.com', publicPort: 8443 });
  });
});

it('the profile is the specification’s unless another is named', () => {
  expect(configOf({}).profile).toMatchObject({ name: 'spec', images: { mysql: 'mysql:8.0' } });
  expect(configOf({ STORE_PROFILE: 'current' }).profile).toMatchObject({ name: 'current', endOfLife: false });
});
