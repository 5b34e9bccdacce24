import { totalmem } from 'node:os';
import { join } from 'node:path';
import { KubeStatusError } from '../../objects/kube-status-error.ts';
import type { PackageFolder } from '../../packages/package-folder.ts';
import type { WritablePodLog } from '../pod-log.ts';
import type { ContainerEnd, ContainerIo, PlacedContainer, PlacedPod, PodRuntime } from '../pod-runtime.ts';
import { createStandInRuntime } from '../stand-in/stand-in-runtime.ts';
import { docroot } from './answer-visit.ts';
import { createAwakeShops, mostAwakeIn } from './awake-shops.ts';
import { openShop, shopTiming, type OpenShop, type ShopTiming } from './open-shop.ts';
import { createPhpProcesses } from './php-processes.ts';
import { recipeFolder, runRecipe } from './run-recipe.ts';
import { copyShop, holdsShop, unpackOnce, writeOwnFiles } from './shop-files.ts';
import { createShopTemplates } from './shop-templates.ts';

export interface WordPressRuntimeOptions {
  /** Of this emulator alone: unpacked archives, finished shops to copy, notes about running processes. */
  readonly folder: string;
  /** The archives of this shop. @throws Error that says why there are none */
  packagesOf(pod: PlacedPod): PackageFolder;
  /** For tests. */
  readonly timing?: ShopTiming;
  readonly mostAwake?: number;
}

export interface WordPressRuntime extends PodRuntime {
  /** Whether the pod's shop is still to be laid out from its archives. */
  needsArchives(pod: PlacedPod): boolean;
}

interface RunningShop extends OpenShop {
  /** Goes on behind it, and ends with it. */
  background: Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Real shops without containers: the pod `woocommerce` is WordPress and WooCommerce on PHP that is compiled to
 * WebAssembly, with SQLite in place of MySQL. Everything that isn't a shop's own is left to the stand-in.
 */
export const createWordPressRuntime = ({
  folder,
  packagesOf,
  timing = shopTiming,
  mostAwake = mostAwakeIn(totalmem()),
}: WordPressRuntimeOptions): WordPressRuntime => {
  const standIn = createStandInRuntime();
  const processes = createPhpProcesses(join(folder, 'processes'));
  const templates = createShopTemplates(join(folder, 'templates'), processes);
  const awakeShops = createAwakeShops(mostAwake);
  const shops = new Map<string, RunningShop>();
  /** Claim → the unpacked files that it was laid out from, by way of a finished shop or not. */
  const laidOut = new Map<string, string>();
  const unpacking = new Map<string, Promise<string>>();

  /** Two stores of one profile unpack its archives once. */
  const unpack = (packages: PackageFolder): Promise<string> => {
    const key = Object.values(packages).join('\n');
    const under = unpacking.get(key);
    if (under) return under;
    const begun = unpackOnce(packages, join(folder, 'unpacked'), processes).finally(() =>
      unpacking.delete(key),
    );
    unpacking.set(key, begun);
    return begun;
  };

  const layOut = async (pod: PlacedPod, { mounts }: PlacedContainer, claim: string, io: ContainerIo) => {
    const recipe = mounts[recipeFolder];
    const fresh = await unpack(packagesOf(pod));
    laidOut.set(claim, fresh);
    const isCopied = recipe !== undefined && (await templates.lay(fresh, recipe, claim));
    if (!isCopied) await copyShop(fresh, claim);
    io.log.write(
      isCopied
        ? 'A copy of a finished shop is in the claim'
        : 'WordPress, WooCommerce and Storefront are in the claim',
    );
    await writeOwnFiles(claim);
  };

  /** What the official images and the archives bring into the claim on a real cluster. */
  const prepare = async (
    pod: PlacedPod,
    container: PlacedContainer,
    io: ContainerIo,
  ): Promise<ContainerEnd> => {
    const claim = container.mounts[docroot];
    if (container.name === 'packages' && claim && !holdsShop(claim)) await layOut(pod, container, claim, io);
    return { exitCode: 0, reason: 'Completed' };
  };

  const serve = async (
    pod: PlacedPod,
    { env, mounts }: PlacedContainer,
    { log, signal, onAsleep }: ContainerIo,
  ): Promise<ContainerEnd> => {
    const claim = mounts[docroot];
    if (!claim) return failed(log, new Error(`There is no volume at ${docroot}`));
    await writeOwnFiles(claim);
    const say = (line: string) => log.write(line);
    const opened = openShop({
      folder: claim,
      start: () => processes.worker({ mounts: { [docroot]: claim }, env }),
      awakeShops,
      timing,
      say,
      onAsleep,
    });
    const shop: RunningShop = { ...opened, background: Promise.resolve(), signal };
    shops.set(pod.uid, shop);
    const reason = await Promise.race([shop.hopeless, untilTold(signal)]);
    shops.delete(pod.uid);
    await Promise.all([shop.close(), shop.background]);
    return reason === undefined ? { exitCode: 0, reason: 'Completed' } : failed(log, new Error(reason));
  };

  const setUp: PodRuntime['exec'] = async (pod, containerName, _command, io) => {
    const shop = shops.get(pod.uid);
    const container = pod.containers.find(({ name }) => name === containerName) ?? pod.containers[0];
    if (!shop || !container) throw new KubeStatusError(500, 'InternalError', 'The container does not run');
    const code = await runRecipe(container, (program) => shop.run(program, io), io.signal);
    const fresh = laidOut.get(container.mounts[docroot] ?? '');
    if (code === 0 && fresh) shop.background = templates.make(fresh, container, shop.signal);
    return code;
  };

  return {
    needsArchives: ({ containers }) =>
      containers.some(({ mounts }) => mounts[docroot] !== undefined && !holdsShop(mounts[docroot])),
    run: async (pod, container, io) => {
      if (pod.app !== 'woocommerce') return standIn.run(pod, container, io);
      try {
        return pod.initContainers.includes(container)
          ? await prepare(pod, container, io)
          : await serve(pod, container, io);
      } catch (error) {
        return failed(io.log, error);
      }
    },
    isReady: async (pod) => pod.app !== 'woocommerce' || (shops.get(pod.uid)?.isReady() ?? false),
    probe: (pod, container, command) => standIn.probe(pod, container, command),
    exec: (pod, containerName, command, io) =>
      pod.app === 'woocommerce' && command.includes(`${recipeFolder}/setup.php`)
        ? setUp(pod, containerName, command, io)
        : standIn.exec(pod, containerName, command, io),
    http: async (pod, port, request, response) => {
      const shop = shops.get(pod.uid);
      return shop ? shop.answer(request, response) : standIn.http(pod, port, request, response);
    },
  };
};

const untilTold = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });

const failed = (log: WritablePodLog, error: unknown): ContainerEnd => {
  log.write(error instanceof Error ? error.message : 'It broke');
  return { exitCode: 1, reason: 'Error' };
};
