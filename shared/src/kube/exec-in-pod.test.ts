import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { execInPod, type ExecTiming } from './exec-in-pod.ts';
import { startScriptedApi } from './testing/scripted-api.ts';

const frame = (channel: number, text: string | Buffer) =>
  Buffer.concat([Buffer.from([channel]), Buffer.from(text)]);
const success = frame(3, JSON.stringify({ status: 'Success' }));
const exit = (code: number) =>
  frame(
    3,
    JSON.stringify({
      status: 'Failure',
      message: `command terminated with exit code ${code}`,
      details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
    }),
  );

/** A container that plays what the test says once it is connected. */
const useContainer = async (
  play: (socket: WebSocket, url: URL) => void,
  {
    refuse = 0,
    autoPong = true,
    protocol = 'v5.channel.k8s.io',
  }: { refuse?: number; autoPong?: boolean; protocol?: string } = {},
) => {
  const api = await startScriptedApi((_, response) => response.end());
  const sockets = new WebSocketServer({
    noServer: true,
    autoPong,
    handleProtocols: (offered) => offered.has(protocol) && protocol,
  });
  api.server.on('upgrade', (request, socket, head) => {
    if (refuse) {
      const body = JSON.stringify({ message: 'pods "shop" not found' });
      return socket.end(`HTTP/1.1 ${refuse} No\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    }
    return sockets.handleUpgrade(request, socket, head, (connection) =>
      play(connection, new URL(request.url ?? '', 'http://api')),
    );
  });
  onTestFinished(() => sockets.clients.forEach((client) => client.terminate()));
  const lines: string[] = [];
  const aborting = new AbortController();
  const run = (timing?: ExecTiming, command = ['true']) =>
    execInPod(
      api.endpoint,
      {
        namespace: 'store-a',
        pod: 'shop',
        container: 'wordpress',
        command,
        signal: aborting.signal,
        onLine: (line) => lines.push(line),
      },
      timing,
    );
  return { run, lines, abort: (reason: string) => aborting.abort(new Error(reason)) };
};

test.each(['v5.channel.k8s.io', 'v4.channel.k8s.io'])(
  'speaks %s with a server that knows it',
  async (protocol) => {
    const { run } = await useContainer((socket) => socket.send(success), { protocol });
    expect(await run()).toMatchObject({ exitCode: 0 });
  },
);

test('sends the command as its arguments are, and reads its exit code', async () => {
  const { run } = await useContainer((socket, url) => {
    expect(url.searchParams.getAll('command')).toEqual(['echo', '$(x) "y" & z', '']);
    expect(url.searchParams.get('container')).toBe('wordpress');
    expect(url.searchParams.has('stdin')).toBe(false);
    socket.send(success);
  });
  expect(await run(undefined, ['echo', '$(x) "y" & z', ''])).toEqual({ exitCode: 0, stderr: '' });
});

test('makes lines of chunks that cut them anywhere, also in a character', async () => {
  const text = Buffer.from('{"step":"für"}\nsecond\nlast without a break');
  const { run, lines } = await useContainer((socket) => {
    for (const byte of text) socket.send(frame(1, Buffer.from([byte])));
    socket.send(success);
  });
  await run();
  expect(lines).toEqual(['{"step":"für"}', 'second', 'last without a break']);
});

test('tells a failure by its exit code and its last words', async () => {
  const { run } = await useContainer((socket) => {
    socket.send(frame(2, 'x'.repeat(5000)));
    socket.send(frame(2, 'Error:\0 no space left'));
    socket.send(exit(7));
  });
  const { exitCode, stderr } = await run();
  expect(exitCode).toBe(7);
  expect(stderr).toMatch(/^x+Error: no space left$/);
  expect(stderr.length).toBeLessThanOrEqual(2000);
});

test('a command that could not be run has no exit code', async () => {
  const { run } = await useContainer((socket) =>
    socket.send(frame(3, JSON.stringify({ status: 'Failure', message: 'setpriv: no such file' }))),
  );
  await expect(run()).rejects.toMatchObject({ code: 'exec_failed', message: 'setpriv: no such file' });
});

test.each([
  ['closed in good order', (socket: WebSocket) => socket.close()],
  ['cut', (socket: WebSocket) => socket.terminate()],
])('a connection that is %s before the end leaves the end unknown', async (_, end) => {
  const { run, lines } = await useContainer((socket) => {
    socket.send(frame(1, 'begun\n'));
    end(socket);
  });
  await expect(run()).rejects.toMatchObject({ code: 'cluster_away', retryable: true });
  expect(lines.length).toBeLessThanOrEqual(1);
});

test('a connection that answers no ping is given up', async () => {
  const { run } = await useContainer(() => undefined, { autoPong: false });
  await expect(run({ connectMs: 5000, pingEveryMs: 20 })).rejects.toMatchObject({ code: 'cluster_away' });
});

test('a command that takes long and says nothing is waited for as long as its pings come back', async () => {
  const { run } = await useContainer((socket) => {
    let pings = 0;
    socket.on('ping', () => {
      pings += 1;
      if (pings === 6) socket.send(success);
    });
  });
  expect(await run({ connectMs: 5000, pingEveryMs: 10 })).toMatchObject({ exitCode: 0 });
});

test('an abort that comes while it connects is not lost', async () => {
  const { run, abort } = await useContainer(() => undefined);
  const running = run();
  abort('its lease ran out');
  await expect(running).rejects.toThrow('its lease ran out');
});

test('is aborted with the reason, while it runs and before', async () => {
  const { run, abort } = await useContainer(() => abort('its lease ran out'));
  await expect(run()).rejects.toThrow('its lease ran out');
  await expect(run()).rejects.toThrow('its lease ran out');
});

test('a pod that is gone may come again; a verb that is missing in the role does not', async () => {
  const gone = await useContainer(() => undefined, { refuse: 404 });
  await expect(gone.run()).rejects.toMatchObject({
    code: 'cluster_away',
    message: expect.stringContaining('pods "shop" not found'),
  });
  const forbidden = await useContainer(() => undefined, { refuse: 403 });
  await expect(forbidden.run()).rejects.toMatchObject({ code: 'cluster_forbidden', retryable: false });
});

test('a server that takes the connection and never answers is given up', async () => {
  const api = await startScriptedApi(() => undefined);
  api.server.on('upgrade', (_, socket) => onTestFinished(() => void socket.destroy()));
  const request = {
    namespace: 'store-a',
    pod: 'shop',
    container: 'wordpress',
    command: ['true'],
    signal: new AbortController().signal,
    onLine: () => undefined,
  };
  await expect(execInPod(api.endpoint, request, { connectMs: 30, pingEveryMs: 1000 })).rejects.toMatchObject({
    code: 'cluster_away',
  });
});
