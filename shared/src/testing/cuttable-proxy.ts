import { createConnection, createServer, type Socket } from 'node:net';
import { onTestFinished, type TestContext } from 'vitest';

export interface CuttableProxy {
  /** The address of the server behind it, by way of this proxy. */
  readonly url: string;
  /** Ends every connection and refuses new ones, as when a server dies. */
  cut(): Promise<void>;
  /** Listens again, at the same address. */
  mend(): Promise<void>;
  /** Connections stay and new ones are accepted, and nothing passes, as with a machine that hangs. */
  freeze(): void;
  thaw(): void;
}

/** Stands between a client and a loopback server that many tests share, so that one test can lose it. */
export const useCuttableProxy = async (
  target: string,
  context: Pick<TestContext, 'onTestFinished'> = { onTestFinished },
): Promise<CuttableProxy> => {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let frozen = false;

  const keep = (socket: Socket) => {
    sockets.add(socket);
    if (frozen) socket.pause();
    // Whoever is cut off hears of it by the close that follows.
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    const far = createConnection({ host: hostname, port: Number(port) });
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.pipe(far);
    far.pipe(near);
    keep(near);
    keep(far);
  });
  const listen = (at: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(at, '127.0.0.1', resolve);
    });
  const cut = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };

  await listen(0);
  context.onTestFinished(cut);
  const address = server.address();
  const ownPort = typeof address === 'object' && address ? address.port : 0;
  const url = new URL(target);
  url.port = String(ownPort);
  return {
    url: url.href,
    cut,
    mend: () => listen(ownPort),
    freeze: () => {
      frozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw: () => {
      frozen = false;
      for (const socket of sockets) socket.resume();
    },
  };
};
