import { launch } from '../launch.ts';
import { readLauncherConfig } from '../launcher-config.ts';
import { fakeLimits, fakeService, stubbornProgram } from './fake-service.ts';

// A launcher in a process of its own, for tests to kill. `STUBBORN` names a service that doesn't leave by itself.
const config = readLauncherConfig(process.env, '/');
const services = ['api', 'worker'].map((name) =>
  name === process.env['STUBBORN'] ? fakeService(name, stubbornProgram) : fakeService(name),
);
const platform = launch({
  config,
  plan: () => ({ emulator: fakeService('emulator'), services }),
  startPostgres: async () => ({
    url: 'postgresql://127.0.0.1/x',
    revive: async () => false,
    stop: async () => {},
  }),
  limits: fakeLimits,
  onLine: () => {},
  onTrouble: () => {},
});
await platform.started;
process.send?.('started');
