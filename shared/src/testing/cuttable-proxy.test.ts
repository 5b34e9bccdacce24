import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { useCuttableProxy } from './cuttable-proxy.ts';
import { until } from './until.ts';

/** A server that says everything back. */
const useEcho = async () => {
  const sockets = new Set<Socket>();
  const heard: string[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      heard.push(String(chunk));
      socket.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { heard, proxy: await useCuttableProxy(`tcp://127.0.0.1:${port}`) };
};

const dial = async (url: string) => {
  const { hostname, port } = new URL(url);
  const socket = createConnection({ host: hostname, port: Number(port) });
  onTestFinished(() => void socket.destroy());
  let answer = '';
  let isClosed = false;
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => (answer += String(chunk)));
  socket.on('close', () => (isClosed = true));
  // One that is refused says so by its close.
  await once(socket, 'connect').catch(() => undefined);
  return {
    say: (text: string) => socket.write(text),
    answer: () => answer,
    isClosed: () => isClosed,
  };
};

const answered = (client: Awaited<ReturnType<typeof dial>>, text: string) =>
  until(`it answers ${text}`, () => client.answer() === text);

describe('a proxy that can be cut', () => {
  it('passes on what both sides say', async () => {
    const { proxy } = await useEcho();
    const client = await dial(proxy.url);
    client.say('hello');
    expect(await answered(client, 'hello')).toBe(true);
  });

  it('refuses everyone while it is cut, and is found at the same address afterwards', async () => {
    const { proxy } = await useEcho();
    const before = await dial(proxy.url);
    await proxy.cut();
    await until('it is cut off', before.isClosed);
    const during = await dial(proxy.url);
    await until('it is refused', during.isClosed);
    await proxy.mend();
    const after = await dial(proxy.url);
    after.say('again');
    expect(await answered(after, 'again')).toBe(true);
  });

  it('ends the connections that there are, and accepts new ones', async () => {
    const { proxy } = await useEcho();
    const [one, other] = [await dial(proxy.url), await dial(proxy.url)];
    for (const client of [one, other]) client.say('x');
    await Promise.all([answered(one, 'x'), answered(other, 'x')]);
    expect(proxy.breakConnections()).toBe(2);
    await until('both are cut off', () => one.isClosed() && other.isClosed());
    const next = await dial(proxy.url);
    next.say('y');
    await answered(next, 'y');
  });

  it('lets nothing pass while it is frozen, and everything once it thaws', async () => {
    const { heard, proxy } = await useEcho();
    const client = await dial(proxy.url);
    client.say('1');
    await answered(client, '1');
    proxy.freeze();
    client.say('2');
    const late = await dial(proxy.url);
    late.say('3');
    const direct = performance.now() + 100;
    await until('a moment has passed', () => performance.now() > direct);
    expect([heard, client.answer(), late.answer()]).toEqual([['1'], '1', '']);
    proxy.thaw();
    await Promise.all([answered(client, '12'), answered(late, '3')]);
    expect(client.isClosed()).toBe(false);
  });

  it('makes answers late by as much as it is told, and loses none', async () => {
    const { heard, proxy } = await useEcho();
    const client = await dial(proxy.url);
    proxy.delay(150);
    const begin = performance.now();
    client.say('slowly');
    await until('the server heard it', () => heard.length > 0);
    await answered(client, 'slowly');
    expect(performance.now() - begin).toBeGreaterThanOrEqual(145);
  });

  it('loses the answer to what it is told, as often as it is told, after the server has heard it', async () => {
    const { heard, proxy } = await useEcho();
    const lost = proxy.loseAnswerTo('commit', 1);
    const client = await dial(proxy.url);
    client.say('begin');
    await answered(client, 'begin');
    client.say('commit');
    await until('it is cut off', client.isClosed);
    expect([heard, client.answer(), lost()]).toEqual([['begin', 'commit'], 'begin', 1]);
    const next = await dial(proxy.url);
    next.say('commit');
    await answered(next, 'commit');
    expect(lost()).toBe(1);
  });
});
