import { setTimeout as pause } from 'node:timers/promises';
import { createPodLog, type WritablePodLog } from '../pod-log.ts';
import type { PlacedContainer, PlacedPod, PodRuntime } from '../pod-runtime.ts';
import { runRecipe } from './run-recipe.ts';
import { serveShop } from './serve-shop.ts';
import { createSessions, type Sessions } from './sessions.ts';

const docroot = '/var/www/html';
const notFoundCode = 127;

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
    if (!script) return runTool(command, io);
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

  return {
    start: async (pod) => {
      const log = createPodLog();
      log.write(`${pod.app} (stand-in) started`);
      running.set(pod.uid, { sessions: createSessions(), log });
    },
    isReady: async (pod) => running.has(pod.uid),
    stop: async (pod) => {
      running.get(pod.uid)?.log.end();
      running.delete(pod.uid);
    },
    exec,
    http: async (pod, _port, request, response) => {
      const shop = running.get(pod.uid);
      const folder = pod.containers[0]?.mounts[docroot];
      if (!shop || !folder) throw new Error(`Nothing listens in ${pod.name}`);
      shop.log.write(`${request.method} ${request.url}`);
      await serveShop(folder, shop.sessions, request, response);
    },
    logs: (pod, container) =>
      pod.initContainers.some(({ name }) => name === container) ? silentLog() : running.get(pod.uid)?.log,
  };
};

/** The init containers of a stand-in have nothing to do, and nothing to say. */
const silentLog = () => {
  const log = createPodLog();
  log.end();
  return log;
};

const fatalCode = 255;

/** As PHP ends: its words on stderr, and 255. Never throws, so that the next one in the line has its turn. */
const runSetup = (
  recipeFolder: string,
  shopFolder: string,
  { env }: PlacedContainer,
  { stdout, stderr, signal }: Parameters<PodRuntime['exec']>[3],
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

/** The few programs that a stand-in container has. */
const runTool = async (
  [program = '', ...args]: readonly string[],
  { stdout, stderr, signal }: Parameters<PodRuntime['exec']>[3],
): Promise<number> => {
  switch (program.split('/').at(-1) ?? '') {
    case 'true':
      return 0;
    case 'false':
      return 1;
    case 'echo':
      stdout.write(`${args.join(' ')}\n`);
      return 0;
    case 'sleep':
      await pause(Number(args[0]) * 1000, undefined, { signal });
      return 0;
    default:
      stderr.write(`${program}: not found in this stand-in container\n`);
      return notFoundCode;
  }
};
