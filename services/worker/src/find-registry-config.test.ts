import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findRegistryConfig } from './find-registry-config.ts';

const settingFor = (text: string) => {
  const path = join(mkdtempSync(join(tmpdir(), 'registry-config-')), 'config.json');
  writeFileSync(path, text);
  return { STORE_REGISTRY_CONFIG: path };
};

it('there is no registry login unless a file is named', () => {
  expect(findRegistryConfig({})).toBeUndefined();
});

it('of a Docker config the logins alone reach the stores', () => {
  const auths = { 'registry.example.com': { auth: 'dTpw' }, other: { username: 'u', password: 'p' } };
  const setting = settingFor(JSON.stringify({ auths, HttpHeaders: { 'User-Agent': 'x' } }));
  expect(JSON.parse(findRegistryConfig(setting) ?? '')).toEqual({ auths });
});

it.each([
  ['is no JSON', 's3cret', /is not JSON$/],
  ['has no logins', '{"auths":{}}', /holds no "auths"/],
  ['has its logins elsewhere', '{"auths":{"r":{}},"credsStore":"s3cret"}', /credential store/],
])('a registry config that %s is a fault of the settings, and is not repeated', (_what, text, sentence) => {
  expect(() => findRegistryConfig(settingFor(text))).toThrow(
    expect.objectContaining({ faults: [expect.stringMatching(sentence)] }),
  );
  expect(() => findRegistryConfig(settingFor(text))).not.toThrow(/s3cret/);
});

it('a registry config that is not there is a fault of the settings', () => {
  expect(() => findRegistryConfig({ STORE_REGISTRY_CONFIG: '/not/there.json' })).toThrow(
    /names \/not\/there.json, which cannot be read/,
  );
});
