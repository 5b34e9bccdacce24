import { expect, test } from 'vitest';
import { readLauncherConfig } from './launcher-config.ts';
import { neededPorts, planServices } from './service-plan.ts';

const plan = (environment: Record<string, string>, changes: { dev?: boolean; embedded?: string } = {}) => {
  const config = readLauncherConfig(environment, '/platform');
  const { dev = false, embedded } = changes;
  return planServices({ config, root: '/platform', dev, embeddedDatabaseUrl: embedded });
};

const names = ({ emulator, services }: ReturnType<typeof plan>) => [
  emulator?.name,
  ...services.map(({ name }) => name),
];

test('on a bare machine the emulator, the API, one worker and the dashboard run', () => {
  expect(names(plan({}))).toEqual(['emulator', 'api', 'worker', 'dashboard']);
});

test('WORKERS says how many workers run', () => {
  expect(names(plan({ WORKERS: '3' }))).toEqual([
    'emulator',
    'api',
    'worker 1',
    'worker 2',
    'worker 3',
    'dashboard',
  ]);
});

test('a cluster that is named needs no emulator and no ingress port', () => {
  const environment = { KUBE_CONTEXT: 'kind-store-platform' };
  expect(names(plan(environment))).toEqual([undefined, 'api', 'worker', 'dashboard']);
  const ports = neededPorts(readLauncherConfig(environment, '/platform'));
  expect(ports.map(({ setting }) => setting)).toEqual(['PORT', 'DASHBOARD_PORT']);
});

test('services are told the embedded database, the emulated cluster and where the API is', () => {
  const { services } = plan(
    { PORT: '3900' },
    { embedded: 'postgresql://platform:x@127.0.0.1:5000/store_platform' },
  );
  expect(services[0]?.environment).toMatchObject({
    DATABASE_URL: 'postgresql://platform:x@127.0.0.1:5000/store_platform',
    DATABASE_EMBEDDED: 'true',
    EMULATOR_KUBECONFIG: '/platform/.data/kubeconfig',
    DATA_DIR: '/platform/.data',
    API_URL: 'http://127.0.0.1:3900',
  });
});

test('a database that is named is not called embedded', () => {
  const { services } = plan({ DATABASE_URL: 'postgresql://db/x', KUBE_CONTEXT: 'kind' });
  expect(services[0]?.environment['DATABASE_EMBEDDED']).toBeUndefined();
  expect(services[0]?.environment['EMULATOR_KUBECONFIG']).toBeUndefined();
});

test('on all interfaces, the dashboard still reaches the API over loopback', () => {
  const { services } = plan({ HOST: '0.0.0.0', API_TOKEN: 'a-token-of-sixteen' });
  expect(services[0]?.environment['API_URL']).toBe('http://127.0.0.1:3000');
});

test('in development services run from sources and know what to watch; the dashboard is Vite', () => {
  const { services } = plan({}, { dev: true });
  expect(services[0]).toMatchObject({
    args: ['--conditions=source', '--import=tsx', '/platform/services/api/src/main.ts'],
    sources: ['/platform/services/api/src', '/platform/shared/src'],
  });
  expect(services.at(-1)?.args[0]).toBe('/platform/node_modules/vite/bin/vite.js');
  expect(services.at(-1)?.readyWhen).toEqual({ port: 3001, host: '127.0.0.1' });
});

test('faults of settings are told before anything runs', () => {
  expect(() => plan({ PORT: 'abc', WORKERS: '0' })).toThrow(/PORT[\s\S]+WORKERS/);
});
