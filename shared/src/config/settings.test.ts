import { describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.ts';
import { parseSettings, readSettings, type Environment } from './settings.ts';

const faultsOf = (environment: Environment): readonly string[] => parseSettings(environment).faults;

describe('the settings', () => {
  it('have a default each, so that nothing need be set', () => {
    expect(readSettings({})).toMatchObject({
      HOST: '127.0.0.1',
      PORT: 3000,
      DASHBOARD_PORT: 3001,
      INGRESS_PORT: 8080,
      DATA_DIR: '.data',
      MAX_ACTIVE_STORES: 10,
      CORS_ORIGIN: ['http://localhost:3001'],
    });
  });

  it('count an empty value as unset, as in a copied .env.example', () => {
    expect(readSettings({ PORT: '', DATABASE_URL: '', API_TOKEN: '' })).toEqual(readSettings({}));
  });

  it.each([
    ['PORT', 'http', 'a port number from 1 to 65535'],
    ['PORT', '0', 'a port number from 1 to 65535'],
    ['DASHBOARD_PORT', '65536', 'a port number from 1 to 65535'],
    ['STORE_PUBLIC_PORT', '80.5', 'a port number from 1 to 65535'],
    ['DB_PORT', '-1', 'a port number from 1 to 65535'],
    ['MAX_ACTIVE_STORES', '0', 'a whole number from 1 to 100000'],
    ['WORKERS', 'many', 'a whole number from 1 to 64'],
    ['WORKER_CONCURRENCY', '1.5', 'a whole number from 1 to 2000'],
    ['EMULATOR_READY_AFTER_MS', '-1', 'milliseconds from 0 to 600000'],
    ['EMULATOR_READY_AFTER_MS', '1.5', 'milliseconds from 0 to 600000'],
    ['STORE_PROFILE', 'newest', 'spec or current'],
    ['STORE_RUNTIME', 'real', 'auto, wordpress or stand-in'],
    ['NODE_ENV', 'prod', 'development, production or test'],
    ['LOG_LEVEL', 'loud', 'fatal, error, warn, info, debug or trace'],
    ['STORE_BASE_DOMAIN', 'Shops.Example.com', 'a domain in lower case, e.g. shops.example.com'],
    ['CLUSTER_IP', 'localhost', 'an IPv4 address'],
    ['INGRESS_ADDRESS', 'http://127.0.0.1', 'HOST or HOST:PORT'],
    ['CORS_ORIGIN', 'example.com', 'origins such as https://shops.example.com, separated by commas'],
    ['DATABASE_EMBEDDED', 'maybe', 'true or false'],
    ['DB_HOST', '/var/run/postgresql', 'a host name or an IP address'],
    ['STORE_MYSQL_IMAGE', 'my sql', 'an image such as registry.example.com/mysql:8.0'],
    ['STORE_WOOCOMMERCE_VERSION', 'latest', 'a version such as 9.1.2'],
    ['STORE_STOREFRONT_SHA256', 'abc', 'a SHA-256 checksum: 64 hexadecimal digits'],
  ])('say that %s is “%s” and must be %s', (name, value, should) => {
    expect(faultsOf({ [name]: value })).toEqual([`${name} is "${value}" but must be ${should}`]);
  });

  it.each([
    ['DATABASE_URL', 'mysql://root:s3cret@db', 'an address that begins with postgres:// or postgresql://'],
    ['REDIS_URL', 's3cret', 'an address that begins with redis:// or rediss://'],
    ['API_URL', 'ftp://s3cret@api', 'an address that begins with http:// or https://'],
  ])('never repeat %s, which may hold a password', (name, value, should) => {
    expect(faultsOf({ [name]: value })).toEqual([`${name} must be ${should}`]);
  });

  it('never repeat API_TOKEN', () => {
    expect(faultsOf({ API_TOKEN: 's3cret' })).toEqual(['API_TOKEN must have at least 16 characters']);
  });

  it.each(['0.0.0.0', '::', '192.168.1.7', 'shops.example.com'])(
    'refuse HOST %s, which others can reach, without API_TOKEN',
    (HOST) => {
      expect(faultsOf({ HOST })).toEqual([
        `HOST is "${HOST}", which others can reach: set API_TOKEN too, or leave HOST at 127.0.0.1`,
      ]);
      expect(faultsOf({ HOST, API_TOKEN: '0123456789abcdef' })).toEqual([]);
    },
  );

  it.each(['127.0.0.1', 'localhost', '::1'])('let HOST %s be without API_TOKEN', (HOST) => {
    expect(faultsOf({ HOST })).toEqual([]);
  });

  it('assume nothing in production, and list all that is missing', () => {
    expect(faultsOf({ NODE_ENV: 'production' })).toEqual([
      'DATABASE_URL must name a PostgreSQL when NODE_ENV is production',
      'REDIS_URL must name a Redis when NODE_ENV is production',
      'KUBE_CONTEXT must name a cluster when NODE_ENV is production',
      'API_TOKEN must be set when NODE_ENV is production',
      'STORE_PROFILE must be named: spec or current when NODE_ENV is production',
    ]);
  });

  it('are enough in production when each is named, also inside a cluster and by DB_HOST', () => {
    const named = { NODE_ENV: 'production', REDIS_URL: 'redis://r', STORE_PROFILE: 'current' };
    const token = { API_TOKEN: '0123456789abcdef' };
    const outside = { DATABASE_URL: 'postgres://db/x', KUBE_CONTEXT: 'shops' };
    expect(faultsOf({ ...named, ...token, ...outside })).toEqual([]);
    expect(faultsOf({ ...named, ...token, DB_HOST: 'db', KUBERNETES_SERVICE_HOST: '10.0.0.1' })).toEqual([]);
  });

  it('are refused with one list of all that is wrong', () => {
    const wrong = { PORT: 'x', STORE_PROFILE: 'y', HOST: '0.0.0.0', DATABASE_URL: 'z' };
    expect(() => readSettings(wrong)).toThrow(ConfigError);
    expect(() => readSettings(wrong)).toThrow(
      [
        'The settings are not usable:',
        '  - PORT is "x" but must be a port number from 1 to 65535',
        '  - DATABASE_URL must be an address that begins with postgres:// or postgresql://',
        '  - STORE_PROFILE is "y" but must be spec or current',
        '  - HOST is "0.0.0.0", which others can reach: set API_TOKEN too, or leave HOST at 127.0.0.1',
      ].join('\n'),
    );
  });

  it('keep what is right beside what is wrong, so that it can be looked at too', () => {
    const { settings } = parseSettings({ PORT: 'x', KUBE_CONTEXT: 'shops' });
    expect(settings).toMatchObject({ PORT: 3000, KUBE_CONTEXT: 'shops' });
  });

  it('take several origins, and the ingress with or without its port', () => {
    const CORS_ORIGIN = 'https://a.example.com/, http://b.example.com:8080';
    expect(readSettings({ CORS_ORIGIN }).CORS_ORIGIN).toEqual([
      'https://a.example.com',
      'http://b.example.com:8080',
    ]);
    expect(readSettings({ INGRESS_ADDRESS: 'ingress' }).INGRESS_ADDRESS).toEqual({
      host: 'ingress',
      port: 80,
    });
    expect(readSettings({ INGRESS_ADDRESS: '10.0.0.1:8080' }).INGRESS_ADDRESS).toEqual({
      host: '10.0.0.1',
      port: 8080,
    });
  });
});
