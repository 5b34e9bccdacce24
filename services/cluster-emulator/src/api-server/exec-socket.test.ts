import { request } from 'node:https';
import { until } from '@store-platform/shared/testing/until';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { at, objectsAt, type JsonObject } from '../objects/json.ts';
import type { Fault } from '../faults/faults.ts';
import type { PodRuntime } from '../pod-runtime/pod-runtime.ts';
import { createFakeRuntime } from '../testing/fake-runtime.ts';
import { runPod, startTestApi, type TestApi } from '../testing/test-api.ts';

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  /** The status frame; undefined when the connection ended without. */
  readonly status: JsonObject | undefined;
}

interface Asked {
  readonly command: readonly string[];
  readonly container?: string;
  readonly pod?: string;
  readonly protocol?: string;
  readonly token?: string;
}

const addressOf = ({ server }: TestApi, { command, container, pod = 'web' }: Asked) => {
  const query = new URLSearchParams({ stdout: 'true', stderr: 'true', ...(container && { container }) });
  for (const part of command) query.append('command', part);
  return `${server.host}/api/v1/namespaces/shop/pods/${pod}/exec?${String(query)}`;
};

const connectTo = (api: TestApi, asked: Asked): WebSocket => {
  const { protocol = 'v5.channel.k8s.io', token = api.token } = asked;
  const headers = { authorization: `Bearer ${token}` };
  const socket = new WebSocket(`wss://${addressOf(api, asked)}`, [protocol], { ca: api.ca, headers });
  onTestFinished(() => socket.terminate());
  return socket;
};

/** @throws Error that says with what the connection was refused */
const exec = (api: TestApi, asked: Asked): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const socket = connectTo(api, asked);
    const said = new Map<number | undefined, string>();
    socket.on('message', (data) => {
      if (!Buffer.isBuffer(data)) return;
      said.set(data[0], `${said.get(data[0]) ?? ''}${data.subarray(1).toString()}`);
    });
    socket.on('unexpected-response', (_request, response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => reject(new Error(`${response.statusCode} ${text}`)));
    });
    socket.on('error', reject);
    socket.on('close', () =>
      resolve({
        stdout: said.get(1) ?? '',
        stderr: said.get(2) ?? '',
        status: said.has(3) ? JSON.parse(said.get(3) ?? '') : undefined,
      }),
    );
  });

const startWithPod = async (): Promise<TestApi> => {
  const api = await startTestApi();
  await runPod(api);
  return api;
};

test.each(['v5.channel.k8s.io', 'v4.channel.k8s.io'])(
  'a command gets its arguments as they are, and its output comes on its own channel, over %s',
  async (protocol) => {
    const api = await startWithPod();
    const command = ['echo', '$(HOME)', "it's", '"a" & b', 'für 😀', ''];
    expect(await exec(api, { command, protocol })).toEqual({
      stdout: `${command.slice(1).join(' ')}\n`,
      stderr: '',
      status: { metadata: {}, status: 'Success' },
    });
  },
);

test('a command that fails tells its exit code, and what it said on stderr', async () => {
  const api = await startWithPod();
  const causes = (ended: Ended) => objectsAt(ended.status, 'details', 'causes');
  const failed = await exec(api, { command: ['false'], container: 'main' });
  expect(failed.status).toMatchObject({ status: 'Failure', reason: 'NonZeroExitCode' });
  expect(causes(failed)).toEqual([{ reason: 'ExitCode', message: '1' }]);
  const empty = await exec(api, { command: ['cat', '/missing'] });
  expect(empty).toMatchObject({ stdout: '', stderr: 'cat: /missing: No such file or directory\n' });
});

test('a program that does not exist ends with no code, because nothing ran', async () => {
  const api = await startWithPod();
  const { status } = await exec(api, { command: ['no-such-program'] });
  expect(status).toMatchObject({ status: 'Failure', reason: 'InternalError', code: 500 });
  expect(status?.['message']).toContain('exec: "no-such-program": executable file not found in $PATH');
  expect(objectsAt(status, 'details', 'causes')).toEqual([]);
});

test.each([
  [
    'a container that the pod does not have',
    { container: 'nope' },
    /^400 .*container nope is not valid for pod web/,
  ],
  ['a container that has ended', { container: 'init' }, /^500 .*container not found/],
  ['a pod that is gone', { pod: 'gone' }, /^404 .*pods \\?"gone\\?" not found/],
  ['a wrong token', { token: 'guess' }, /^401 .*Unauthorized/],
])('%s is refused before anything runs', async (_what, asked, words) => {
  const api = await startWithPod();
  await expect(exec(api, { command: ['true'], ...asked })).rejects.toThrow(words);
});

test('a kubectl that speaks SPDY is told which one speaks WebSocket', async () => {
  const api = await startWithPod();
  const options = {
    method: 'POST',
    ca: api.ca,
    headers: { authorization: `Bearer ${api.token}`, connection: 'Upgrade', upgrade: 'SPDY/3.1' },
  };
  const text = await new Promise<string>((resolve, reject) => {
    const call = request(`https://${addressOf(api, { command: ['true'] })}`, options, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve(`${response.statusCode} ${body}`));
    });
    call.on('error', reject).end();
  });
  expect(text).toMatch(/^400 .*as kubectl does since 1\.31/);
});

test('a command that nobody listens to any more is ended', async () => {
  let ended = false;
  const exec: PodRuntime['exec'] = (_pod, _container, _command, { signal }) =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        ended = true;
        resolve(0);
      });
    });
  const api = await startTestApi({ runtime: { ...createFakeRuntime(), exec } });
  await runPod(api);
  const socket = connectTo(api, { command: ['sleep', '3600'] });
  await new Promise((resolve) => void socket.once('open', resolve));
  expect(ended).toBe(false);
  socket.terminate();
  await until('its end', () => ended);
});

const faults: [string, Fault['effect'], (ended: Promise<Ended>) => Promise<unknown>][] = [
  ['cut', { kind: 'cut' }, (ended) => expect(ended).rejects.toThrow()],
  [
    'refused',
    { kind: 'status', code: 500, reason: 'InternalError', message: 'no' },
    (ended) => expect(ended).rejects.toThrow(/^500 .*no/),
  ],
  [
    'its answer lost',
    { kind: 'answer lost' },
    (ended) => expect(ended).resolves.toEqual({ stdout: 'x\n', stderr: '', status: undefined }),
  ],
];

test.each(faults)('on demand a command is %s, and the next one is not', async (_what, effect, judge) => {
  const api = await startWithPod();
  api.emulator.faults.inject({ method: 'EXEC', resource: 'pods', times: 1, effect });
  await judge(exec(api, { command: ['echo', 'x'] }));
  expect(at((await exec(api, { command: ['echo', 'x'] })).status, 'status')).toBe('Success');
});

test('a command that hangs on demand answers nothing until its caller leaves', async () => {
  const api = await startWithPod();
  api.emulator.faults.inject({ method: 'EXEC', times: 1, effect: { kind: 'hang' } });
  const socket = connectTo(api, { command: ['true'] });
  let closed = false;
  socket.on('error', () => undefined).on('close', () => (closed = true));
  expect((await exec(api, { command: ['true'] })).status).toMatchObject({ status: 'Success' });
  expect(socket.readyState).toBe(WebSocket.CONNECTING);
  socket.terminate();
  await until('it is closed', () => closed);
});
