import { Writable } from 'node:stream';
import { Exec, type KubeConfig, type V1Status } from '@kubernetes/client-node';
import { PlatformError } from '../contract/problem.ts';

export interface ExecRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** A program and its arguments; no shell reads them. */
  readonly command: readonly string[];
  readonly signal: AbortSignal;
  /** Each whole line of stdout as it comes. */
  onLine(line: string): void;
}

export interface ExecResult {
  readonly exitCode: number;
  /** The last lines of what the program wrote to stderr. */
  readonly stderr: string;
}

const keptStderr = 2000;

/**
 * Runs a command in a container to its end.
 * @throws PlatformError `cluster_away` when the connection breaks first: then nobody knows how the command ended.
 */
export const execInPod = async (kubeConfig: KubeConfig, request: ExecRequest): Promise<ExecResult> => {
  request.signal.throwIfAborted();
  let stderr = '';
  const lines = lineWriter(request.onLine);
  const errors = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-keptStderr);
      done();
    },
  });
  const { status, socket } = await connect(kubeConfig, request, lines.stream, errors);
  const abort = () => socket.terminate();
  request.signal.addEventListener('abort', abort, { once: true });
  try {
    const end = await Promise.race([status, brokenConnection(socket)]);
    request.signal.throwIfAborted();
    lines.flush();
    return { exitCode: exitCodeOf(end), stderr };
  } finally {
    request.signal.removeEventListener('abort', abort);
    socket.close();
  }
};

interface ExecSocket {
  close(): void;
  terminate(): void;
  on(event: 'close' | 'error', listener: () => void): unknown;
}

const connect = async (kubeConfig: KubeConfig, request: ExecRequest, stdout: Writable, stderr: Writable) => {
  let settle: (status: V1Status) => void = () => {};
  const status = new Promise<V1Status>((resolve) => (settle = resolve));
  try {
    const { namespace, pod, container, command } = request;
    const opened = await new Exec(kubeConfig).exec(
      namespace,
      pod,
      container,
      [...command],
      stdout,
      stderr,
      null,
      false,
      (end) => settle(end),
    );
    return { status, socket: asExecSocket(opened) };
  } catch (error) {
    throw new PlatformError('cluster_away', 'The command could not be started in the pod.', { cause: error });
  }
};

/** The client declares a browser's WebSocket and returns that of `ws`, which has these members. */
const asExecSocket = (socket: object): ExecSocket => {
  if ('terminate' in socket && 'on' in socket) return Object(socket);
  throw new Error('client-node returned another kind of WebSocket');
};

/** A dropped connection never brings the status frame; a moment's grace lets a frame that came last win. */
const brokenConnection = (socket: ExecSocket): Promise<never> =>
  new Promise((_, reject) => {
    const broken = () =>
      setTimeout(() => reject(new PlatformError('cluster_away', 'The connection to the command broke.')), 50);
    socket.on('close', broken);
    socket.on('error', broken);
  });

const exitCodeOf = (status: V1Status): number => {
  if (status.status === 'Success') return 0;
  const cause = status.details?.causes?.find(({ reason }) => reason === 'ExitCode');
  if (cause?.message !== undefined) return Number(cause.message);
  throw new PlatformError('exec_failed', status.message ?? 'The command could not be run.');
};

const lineWriter = (onLine: (line: string) => void) => {
  let rest = '';
  const decoder = new TextDecoder();
  const take = (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  };
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      take(decoder.decode(chunk, { stream: true }));
      done();
    },
  });
  return { stream, flush: () => rest && onLine(rest) };
};
