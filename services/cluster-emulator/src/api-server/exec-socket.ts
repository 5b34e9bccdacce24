import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Writable } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { KubeStatusError } from '../objects/kube-status-error.ts';

const channels = { stdout: 1, stderr: 2, error: 3 } as const;

export type RunCommand = (
  command: readonly string[],
  io: { stdout: Writable; stderr: Writable; signal: AbortSignal },
) => Promise<number>;

const server = new WebSocketServer({
  noServer: true,
  handleProtocols: (offered) =>
    ['v5.channel.k8s.io', 'v4.channel.k8s.io'].find((protocol) => offered.has(protocol)) ?? false,
});

/**
 * Exec over WebSocket as Kubernetes does it: a channel number before each chunk, and a status frame at the end.
 * @param losesAnswer the command runs, and the connection ends without the status frame.
 */
export const serveExec = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  run: RunCommand,
  losesAnswer: boolean,
): void => {
  const { searchParams } = new URL(request.url ?? '/', 'https://emulator');
  const command = searchParams.getAll('command');
  server.handleUpgrade(
    request,
    socket,
    head,
    (connection) => void serve(connection, command, run, losesAnswer),
  );
};

const serve = async (
  connection: WebSocket,
  command: readonly string[],
  run: RunCommand,
  losesAnswer: boolean,
): Promise<void> => {
  const gone = new AbortController();
  connection.on('close', () => gone.abort());
  connection.on('error', () => gone.abort());
  const io = {
    stdout: writer(connection, 'stdout'),
    stderr: writer(connection, 'stderr'),
    signal: gone.signal,
  };
  const status = await run(command, io).then(statusOf, failureOf);
  if (gone.signal.aborted) return;
  if (losesAnswer) return connection.close(1011);
  connection.send(frame('error', Buffer.from(JSON.stringify(status))));
  connection.close(1000);
};

const frame = (channel: keyof typeof channels, data: Buffer) =>
  Buffer.concat([Buffer.from([channels[channel]]), data]);

const writer = (connection: WebSocket, channel: 'stdout' | 'stderr') =>
  new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (connection.readyState === connection.OPEN) connection.send(frame(channel, chunk));
      done();
    },
  });

const statusOf = (exitCode: number) =>
  exitCode === 0
    ? { metadata: {}, status: 'Success' }
    : {
        metadata: {},
        status: 'Failure',
        message: `command terminated with non-zero exit code: exit status ${exitCode}`,
        reason: 'NonZeroExitCode',
        details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
      };

const failureOf = (error: unknown) =>
  error instanceof KubeStatusError
    ? error.toStatus()
    : {
        metadata: {},
        status: 'Failure',
        reason: 'InternalError',
        message: 'The command could not be run.',
        code: 500,
      };
