import { createConnection, createServer, type Socket } from 'node:net';
import { onTestFinished, type TestContext } from 'vitest';

export interface CuttableProxy {
  /** The address of the server behind it, by way of this proxy. */
  readonly url: string;
  /** Ends every connection and refuses new ones, as when a server dies. */
  cut(): Promise<void>;
  /** Listens again, at the same address. */
  mend(): Promise<void>;
  /** Ends every connection; new ones are accepted. @returns how many there were */
  breakConnections(): number;
  /** Connections stay and new ones are accepted, and nothing passes, as with a machine that hangs. */
  freeze(): void;
  thaw(): void;
  /** From now on what the server says takes so much longer. */
  delay(ms: number): void;
  /**
   * For the next `times` that a client says something with this text in it: it reaches the server, and the connection ends
   * in place of the answer.
   * @returns how often that happened so far
   */
  loseAnswerTo(text: string, times: number): () => number;
}

/** Stands between a client and a loopback server that many tests share, so that one test can lose it. */
export const useCuttableProxy = async (
  target: string,
  context: Pick<TestContext, 'onTestFinished'> = { onTestFinished },
): Promise<CuttableProxy> => {
  const proxy = await startCuttableProxy(target);
  context.onTestFinished(proxy.cut);
  return proxy;
};

/** As `useCuttableProxy`, for whoever ends it with `cut`. */
export const startCuttableProxy = async (target: string): Promise<CuttableProxy> => {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const losses: { text: string; left: number; lost: number }[] = [];
  let frozen = false;
  let delayMs = 0;

  const keep = (socket: Socket) => {
    sockets.add(socket);
    if (frozen) socket.pause();
    // Whoever is cut off hears of it by the close that follows.
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    const far = createConnection({ host: hostname, port: Number(port) });
    let isDeaf = false;
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.on('data', (chunk) => {
      const loss = losses.find(({ text, left }) => left > 0 && chunk.includes(text));
      if (loss) {
        loss.left -= 1;
        loss.lost += 1;
        isDeaf = true;
      }
    });
    near.pipe(far);
    far.on('data', (chunk) => {
      if (isDeaf) far.destroy();
      else if (delayMs > 0) setTimeout(() => near.write(chunk), delayMs);
      else if (!near.write(chunk)) {
        far.pause();
        near.once('drain', () => frozen || far.resume());
      }
    });
    far.on('end', () => setTimeout(() => near.end(), delayMs));
    keep(near);
    keep(far);
  });
  const listen = (at: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(at, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  const breakConnections = () => {
    const broken = sockets.size / 2;
    for (const socket of sockets) socket.destroy();
    return broken;
  };

  await listen(0);
  const address = server.address();
  const ownPort = typeof address === 'object' && address ? address.port : 0;
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String(ownPort);
  return {
    url: url.href,
    cut: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      breakConnections();
      await closed;
    },
    mend: () => listen(ownPort),
    breakConnections,
    freeze: () => {
      frozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw: () => {
      frozen = false;
      for (const socket of sockets) socket.resume();
    },
    delay: (ms) => {
      delayMs = ms;
    },
    loseAnswerTo: (text, times) => {
      const loss = { text, left: times, lost: 0 };
      losses.push(loss);
      return () => loss.lost;
    },
  };
};
