import { randomBytes } from 'node:crypto';
import { adminLogin } from '@store-platform/shared/contract/admin-login';
import type { Manifest } from '@store-platform/shared/kube/kube-object';
import { labelsOf } from './labels.ts';
import type { Shop } from './shop.ts';

const credentialsName = 'store-credentials';

/** WordPress' own names for what signs its cookies. */
const saltNames = [
  'AUTH_KEY',
  'SECURE_AUTH_KEY',
  'LOGGED_IN_KEY',
  'NONCE_KEY',
  'AUTH_SALT',
  'SECURE_AUTH_SALT',
  'LOGGED_IN_SALT',
  'NONCE_SALT',
] as const;

export const credentialKeys = {
  rootPassword: 'mysql-root-password',
  userPassword: 'mysql-password',
  adminPassword: 'admin-password',
  salts: saltNames.map((name) => ({
    env: `WORDPRESS_${name}`,
    key: name.toLowerCase().replaceAll('_', '-'),
  })),
};

const secret = () => randomBytes(24).toString('base64url');

/**
 * The one manifest that isn't a pure function of its shop: it is created once and never applied, because a volume that
 * MySQL has initialised holds its passwords. Only shops that no other machine can reach get the known password.
 */
export const credentialsOf = (shop: Shop): Manifest => {
  const salts = credentialKeys.salts.map(({ key }): [string, string] => [key, secret()]);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: credentialsName, namespace: shop.namespace, labels: labelsOf(shop) },
    type: 'Opaque',
    data: base64Of({
      [credentialKeys.rootPassword]: secret(),
      [credentialKeys.userPassword]: secret(),
      [credentialKeys.adminPassword]: adminLogin(shop.url).password ?? secret(),
      ...Object.fromEntries(salts),
    }),
  };
};

const base64Of = (values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );

/** An environment variable whose value stays in the Secret. */
export const fromCredentials = (name: string, key: string) => ({
  name,
  valueFrom: { secretKeyRef: { name: credentialsName, key } },
});
