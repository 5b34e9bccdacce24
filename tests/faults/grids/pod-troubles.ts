import type {
  CommandIo,
  ContainerEnd,
  PlacedPod,
  PodRuntime,
} from '../../../services/cluster-emulator/src/pod-runtime/pod-runtime.ts';
import type { FaultBed } from '../fault-bed.ts';

export type App = 'mysql' | 'woocommerce';

/** What the runtime does in place of what it should. `met` counts it; past `times` it does as it should. */
export type PodTrouble = (met: () => boolean, bed: FaultBed) => Partial<Omit<PodRuntime, 'probe' | 'pull'>>;

const noPull =
  (words: string): PodTrouble =>
  (met) => ({
    refuses: (_pod, image) =>
      met()
        ? { reason: 'ErrImagePull', message: `failed to resolve reference "${image}": ${words}` }
        : undefined,
  });
export const noImage = noPull('not found');
export const noRegistry = noPull('dial tcp 192.0.2.1:443: connection refused');

const endsWith =
  (end: ContainerEnd): PodTrouble =>
  (met, { runtime }) => ({
    run: async (pod, container, io) => {
      if (!pod.containers.includes(container) || !met()) return runtime.healthy.run(pod, container, io);
      io.log.write('Fatal: it can not go on');
      return end;
    },
  });
export const crashes = endsWith({ exitCode: 3, reason: 'Error' });
export const outOfMemory = endsWith({ exitCode: 137, reason: 'OOMKilled' });

export const notReady: PodTrouble = (met) => ({ isReady: async () => !met() });

const isRecipe = (command: readonly string[]): boolean => command.some((part) => part.endsWith('/setup.php'));

interface RecipeRun {
  /** Runs it as it should. @returns its exit code */
  run(): Promise<number>;
  readonly pod: PlacedPod;
  readonly io: CommandIo;
}

/** In the recipe's place. @param play returns an exit code */
export const inRecipe =
  (play: (recipe: RecipeRun) => Promise<number>): PodTrouble =>
  (met, { runtime }) => ({
    exec: async (pod, container, command, io) => {
      const run = () => runtime.healthy.exec(pod, container, command, io);
      return isRecipe(command) && met() ? play({ run, pod, io }) : run();
    },
  });

export const exits = inRecipe(async ({ io }) => {
  io.stderr.write('No such option\n');
  return 1;
});

export const hangs = inRecipe(
  ({ io }) =>
    new Promise((resolve) => io.signal.addEventListener('abort', () => resolve(137), { once: true })),
);

export const answers500: PodTrouble = (met, { runtime }) => ({
  http: async (pod, port, request, response) => {
    if (!met()) return runtime.healthy.http(pod, port, request, response);
    response.writeHead(500).end('broken');
  },
});

/** The first `times` that the pod comes to it, it meets the trouble. @returns how often it did, and what heals it */
export const layInPod = (
  bed: FaultBed,
  storeId: string,
  { app, trouble, times }: { app: App; trouble: PodTrouble; times: number },
) => {
  let met = 0;
  const meets = () => {
    if (met >= times) return false;
    met += 1;
    return true;
  };
  const heal = bed.runtime.trouble({ namespace: storeId, app, ...trouble(meets, bed) });
  return { met: () => met, heal };
};
