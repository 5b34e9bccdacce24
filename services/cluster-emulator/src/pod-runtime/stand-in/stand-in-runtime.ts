import { posix } from 'node:path';
import { Writable } from 'node:stream';
import { KubeStatusError } from '../../objects/kube-status-error.ts';
import type { WritablePodLog } from '../pod-log.ts';
import type { CommandIo, ContainerEnd, PlacedContainer, PlacedPod, PodRuntime } from '../pod-runtime.ts';
import { runRecipe } from './run-recipe.ts';
import { runTool } from './run-tool.ts';
import { serveShop } from './serve-shop.ts';
import { createSessions, type Sessions } from './sessions.ts';

const docroot = '/var/www/html';
const notFoundCode = 127;
const killedCode = 137;

interface Shop {
  readonly sessions: Sessions;
  readonly log: WritablePodLog;
}

/** Pods that need no container: `mysql` is merely there, `woocommerce` is a shop that does what its recipe told it. */
export const createStandInRuntime = (): PodRuntime => {
  const running = new Map<string, Shop>();
  // Two recipes on one shop never interleave, as the lock in the real one ensures.
  const recipes = new Map<string, Promise<number>>();

  const exec: PodRuntime['exec'] = async (pod, containerName, command, io) => {
    const container = findContainer(pod, containerName);
    const script = command.find((argument) => argument.endsWith('/setup.php'));
    if (!container) return notFoundCode;
    if (!script) return runTool(container, command, io) ?? refuse(command[0] ?? '');
    const shopFolder = container.mounts[docroot];
    const recipeFolder = container.mounts[script.replace(/\/setup\.php$/, '')];
    if (!shopFolder || !recipeFolder) {
      io.stderr.write(`Could not open input file: ${script}\n`);
      return 1;
    }
    const before = recipes.get(shopFolder) ?? Promise.resolve(0);
    const mine = before.then(() => runSetup(recipeFolder, shopFolder, container, io));
    recipes.set(shopFolder, mine);
    return mine;
  };

  /** A server that needs no process: it is there until it is told to go. */
  const serve = (pod: PlacedPod, log: WritablePodLog, signal: AbortSignal): Promise<ContainerEnd> => {
    log.write(`${pod.app} (stand-in) started`);
    running.set(pod.uid, { sessions: createSessions(), log });
    return new Promise((resolve) => {
      const end = () => {
        running.delete(pod.uid);
        resolve({ exitCode: 0, reason: 'Completed' });
      };
      if (signal.aborted) end();
      signal.addEventListener('abort', end, { once: true });
    });
  };

  return {
    run: async (pod, container, { log, signal }) => {
      const [program] = container.command;
      const io = { stdout: intoLog(log), stderr: intoLog(log), signal };
      const tool = program === undefined ? undefined : runTool(container, container.command, io);
      if (tool) return endOf(await tool);
      if (program !== undefined && !standIns.has(posix.basename(program))) return startError(program);
      return pod.containers.includes(container)
        ? serve(pod, log, signal)
        : { exitCode: 0, reason: 'Completed' };
    },
    isReady: async () => true,
    probe: async (_pod, container, command) => {
      const said: string[] = [];
      const into = new Writable({
        write: (chunk: Buffer, _encoding, done) => {
          said.push(chunk.toString());
          done();
        },
      });
      const io = { stdout: into, stderr: into, signal: new AbortController().signal };
      // What there is no such program for is content: a stand-in has nothing that could fail.
      return (await (runTool(container, command, io) ?? 0)) === 0 ? undefined : said.join('');
    },
    exec,
    http: async (pod, _port, request, response) => {
      const shop = running.get(pod.uid);
      const folder = pod.containers[0]?.mounts[docroot];
      if (!shop || !folder) throw new Error(`Nothing listens in ${pod.name}`);
      shop.log.write(`${request.method} ${request.url}`);
      await serveShop(folder, shop.sessions, request, response);
    },
  };
};

/** Programs of a real shop's containers that a stand-in takes as done, or as served by itself. */
const standIns: ReadonlySet<string> = new Set([
  'sh',
  'bash',
  'cp',
  'curl',
  'php',
  'wp',
  'mysqld',
  'apache2-foreground',
  'docker-entrypoint.sh',
]);

const endOf = (exitCode: number): ContainerEnd => {
  if (exitCode === killedCode) return { exitCode, reason: 'OOMKilled' };
  return { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' };
};

const missingProgram = (program: string): string =>
  `exec: "${program}": executable file not found in $PATH: unknown`;

/** In the words of containerd and runc. */
const startError = (program: string): ContainerEnd => ({
  exitCode: 128,
  reason: 'StartError',
  message: `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ${missingProgram(program)}`,
});

const refuse = (program: string): never => {
  const why = `OCI runtime exec failed: exec failed: unable to start container process: ${missingProgram(program)}`;
  throw new KubeStatusError(
    500,
    'InternalError',
    `Internal error occurred: error executing command in container: ${why}`,
  );
};

/** The tools here say whole lines at a time. */
const intoLog = (log: WritablePodLog): Writable =>
  new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      for (const line of chunk.toString().replace(/\n$/, '').split('\n')) log.write(line);
      done();
    },
  });

const fatalCode = 255;

/** As PHP ends: its words on stderr, and 255. Never throws, so that the next one in the line has its turn. */
const runSetup = (
  recipeFolder: string,
  shopFolder: string,
  { env }: PlacedContainer,
  { stdout, stderr, signal }: CommandIo,
): number => {
  if (signal.aborted) return fatalCode;
  try {
    runRecipe(recipeFolder, shopFolder, env['STORE_ADMIN_PASSWORD'] ?? '', (step) => {
      stdout.write(`${JSON.stringify(step)}\n`);
    });
    return 0;
  } catch (error) {
    stderr.write(`${error instanceof Error ? error.message : 'The recipe failed'}\n`);
    return fatalCode;
  }
};

const findContainer = (pod: PlacedPod, name: string): PlacedContainer | undefined =>
  name ? pod.containers.find((container) => container.name === name) : pod.containers[0];
