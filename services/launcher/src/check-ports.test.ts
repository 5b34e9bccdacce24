import { createServer } from 'node:net';
import { listenOnLoopback } from '@store-platform/shared/testing/listen-on-loopback';
import { expect, test } from 'vitest';
import { checkPorts } from './check-ports.ts';

const host = '127.0.0.1';

const listen = () => listenOnLoopback(createServer());

test('every port that is taken is named at once, with what to do', async () => {
  const [api, dashboard] = [await listen(), await listen()];
  const check = checkPorts([
    { port: api, host, what: 'the API', setting: 'PORT' },
    { port: dashboard, host, what: 'the dashboard', setting: 'DASHBOARD_PORT' },
  ]);
  await expect(check).rejects.toThrow(
    [
      `Port ${api}, which the API needs, is taken: stop what listens there, or set PORT to another port, e.g. PORT=${api + 10} npm start.`,
      `Port ${dashboard}, which the dashboard needs, is taken: stop what listens there, or set DASHBOARD_PORT to another port, e.g. DASHBOARD_PORT=${dashboard + 10} npm start.`,
    ].join('\n'),
  );
});

test('two settings with the same port are a fault', async () => {
  const check = checkPorts([
    { port: 0, host, what: 'the API', setting: 'PORT' },
    { port: 0, host, what: 'the dashboard', setting: 'DASHBOARD_PORT' },
  ]);
  await expect(check).rejects.toThrow(
    'DASHBOARD_PORT is 0, which another setting uses too: choose another port.',
  );
});

test('a host that is not of this machine is a fault of HOST', async () => {
  const check = checkPorts([{ port: 0, host: '203.0.113.1', what: 'the API', setting: 'PORT' }]);
  await expect(check).rejects.toThrow('HOST is 203.0.113.1, which is no address of this machine');
});

test('free ports pass, and are free afterwards', async () => {
  const free = { port: 0, host, what: 'the API', setting: 'PORT' };
  await checkPorts([free]);
  await expect(checkPorts([free])).resolves.toBeUndefined();
});
