import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { StoreRuntime } from '@store-platform/shared/config/settings';
import type { PackageSource, PackagesState } from '../packages/package-source.ts';
import type { PlacedPod, PodRuntime } from './pod-runtime.ts';
import type { DecidedRuntime, RuntimeMemory } from './runtime-memory.ts';
import { standInShopFile } from './stand-in/shop-state.ts';
import type { WordPressRuntime } from './wordpress/wordpress-runtime.ts';

export interface RuntimeChoice {
  readonly setting: StoreRuntime;
  readonly standIn: PodRuntime;
  /** Runs real shops; undefined where what it needs is not installed. */
  readonly wordpress: WordPressRuntime | undefined;
  /** Where the archives of this shop come from. */
  packagesOf(pod: PlacedPod): PackageSource;
  readonly memory: RuntimeMemory;
}

export const notInstalled = {
  message: 'What runs real shops is not installed.',
  hint: 'Install it: npm install --include=optional.',
} as const;

/** What the pod `mysql` says of itself. */
const whereDataIs: Readonly<Record<DecidedRuntime, string>> = {
  wordpress: 'There is no MySQL here: this shop keeps its data in SQLite, on its claim wordpress-data',
  'stand-in': 'There is no MySQL here: this stand-in keeps its data in a file on its claim wordpress-data',
};

/**
 * One runtime out of two: a store's shop runs in the one that was decided for it when its first pod began, and never in
 * the other. Every other pod is the stand-in's.
 */
export const chooseRuntime = (choice: RuntimeChoice): PodRuntime => {
  const { standIn, wordpress, packagesOf, memory } = choice;
  const runtimeOf = (pod: PlacedPod): PodRuntime => {
    if (!isShop(pod) || memory.of(pod.namespace) !== 'wordpress') return standIn;
    return wordpress ?? refusing(notInstalled);
  };

  return {
    pull: async (pod, { tell, signal }) => {
      if (!isShop(pod)) return;
      const decided = memory.of(pod.namespace) ?? (await decide(choice, pod, signal));
      // Of two pods that began at once, the first has said it for both.
      if (memory.of(pod.namespace) === undefined) memory.remember(pod.namespace, decided);
      if (memory.of(pod.namespace) !== 'wordpress' || !wordpress?.needsArchives(pod)) return;
      await until(packagesOf(pod), signal, (state) => {
        if (state.kind === 'coming') tell(state.message);
        return state.kind === 'there' || state.kind === 'missing';
      });
    },
    // Also the pod of a database that isn't there: a real shop waits for nothing that is played.
    startsByItself: ({ namespace }, signal) =>
      new Promise((resolve) =>
        memory.whenDecided(namespace, signal, (decided) => decided === 'wordpress' && resolve()),
      ),
    run: async (pod, container, io) => {
      const ended = runtimeOf(pod).run(pod, container, io);
      if (pod.app === 'mysql')
        memory.whenDecided(pod.namespace, io.signal, (runtime) => io.log.write(whereDataIs[runtime]));
      return ended;
    },
    isReady: async (pod) => runtimeOf(pod).isReady(pod),
    probe: async (pod, ...rest) => runtimeOf(pod).probe(pod, ...rest),
    exec: async (pod, ...rest) => runtimeOf(pod).exec(pod, ...rest),
    http: async (pod, ...rest) => runtimeOf(pod).http(pod, ...rest),
  };
};

const isShop = ({ app }: PlacedPod): boolean => app === 'woocommerce';

/** A stand-in of before anything was remembered is known by what it keeps. */
const isStandIns = ({ containers }: PlacedPod): boolean =>
  containers.some(({ mounts }) =>
    Object.values(mounts).some((folder) => existsSync(join(folder, standInShopFile))),
  );

const decide = async (
  { setting, wordpress, packagesOf }: RuntimeChoice,
  pod: PlacedPod,
  signal: AbortSignal,
): Promise<DecidedRuntime> => {
  if (isStandIns(pod)) return 'stand-in';
  if (setting !== 'auto') return setting;
  if (!wordpress) return 'stand-in';
  const state = await until(packagesOf(pod), signal, ({ kind }) => kind !== 'looking');
  return state.kind === 'missing' ? 'stand-in' : 'wordpress';
};

/** @throws the reason of `signal` */
const until = (
  source: PackageSource,
  signal: AbortSignal,
  isEnough: (state: PackagesState) => boolean,
): Promise<PackagesState> =>
  new Promise((resolve, reject) => {
    const look = (state: PackagesState) => {
      if (!isEnough(state)) return;
      end();
      resolve(state);
    };
    const leave = () => {
      end();
      reject(signal.reason);
    };
    const unsubscribe = source.onChange(look);
    const end = () => {
      unsubscribe();
      signal.removeEventListener('abort', leave);
    };
    signal.addEventListener('abort', leave);
    if (signal.aborted) leave();
    else look(source.state());
  });

/** A shop that can't run says why, as its pod's last words. */
const refusing = ({ message, hint }: { message: string; hint: string }): PodRuntime => ({
  run: async (_pod, _container, { log }) => {
    log.write(`${message} ${hint}`);
    return { exitCode: 1, reason: 'Error' };
  },
  isReady: async () => false,
  probe: async () => message,
  exec: async (_pod, _container, _command, { stderr }) => {
    stderr.write(`${message}\n`);
    return 1;
  },
  http: async (pod) => {
    throw new Error(`Nothing listens in ${pod.name}: ${message}`);
  },
});
