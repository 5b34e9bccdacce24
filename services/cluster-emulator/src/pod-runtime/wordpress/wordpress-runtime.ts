import { copyFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import type { PackageFolder } from '../../packages/package-folder.ts';
import type { WritablePodLog } from '../pod-log.ts';
import type { ContainerEnd, ContainerIo, PlacedContainer, PlacedPod, PodRuntime } from '../pod-runtime.ts';
import { createStandInRuntime } from '../stand-in/stand-in-runtime.ts';
import { docroot } from './answer-visit.ts';
import { createAwakeShops, mostAwakeIn } from './awake-shops.ts';
import { createPhpProcesses } from './php-processes.ts';
import { runRecipe } from './run-recipe.ts';
import { copyShop, holdsShop, ownPhp, unpackOnce, writeOwnFiles } from './shop-files.ts';
import { openShop, shopTiming, type OpenShop, type ShopTiming } from './open-shop.ts';

export interface WordPressRuntimeOptions {
  /** Of this emulator alone: unpacked archives, and notes about running processes. */
  readonly folder: string;
  /** @throws Error that says why there are none */
  packages(signal: AbortSignal): Promise<PackageFolder>;
  /** For tests. */
  readonly timing?: ShopTiming;
  readonly mostAwake?: number;
}

const toolsFolder = '/store-platform/tools';

/**
 * Real shops without containers: the pod `woocommerce` is WordPress and WooCommerce on PHP that is compiled to
 * WebAssembly, with SQLite in place of MySQL. Everything that isn't a shop's own is left to the stand-in.
 */
export const createWordPressRuntime = ({
  folder,
  packages,
  timing = shopTiming,
  mostAwake = mostAwakeIn(totalmem()),
}: WordPressRuntimeOptions): PodRuntime => {
  const awakeShops = createAwakeShops(mostAwake);
  const standIn = createStandInRuntime();
  const processes = createPhpProcesses(join(folder, 'processes'));
  const shops = new Map<string, OpenShop>();
  // Two stores of one profile unpack its archives once.
  let unpacking: Promise<string> | undefined;

  const freshShop = async (signal: AbortSignal): Promise<string> => {
    const archives = await packages(signal);
    unpacking ??= unpackOnce(archives, join(folder, 'unpacked'), processes).finally(() => {
      unpacking = undefined;
    });
    return unpacking;
  };

  /** The first of the init containers brings `wp`, the second what the shop is made from. */
  const prepare = async (
    pod: PlacedPod,
    { name, mounts }: PlacedContainer,
    log: WritablePodLog,
    signal: AbortSignal,
  ): Promise<ContainerEnd> => {
    const shopFolder = pod.containers[0]?.mounts[docroot];
    const tools = mounts[toolsFolder];
    if (name === 'wp-cli' && tools) await copyFile(ownPhp.wp, join(tools, 'wp'));
    if (name === 'packages' && shopFolder && !holdsShop(shopFolder)) {
      log.write('Laying WordPress, WooCommerce and Storefront into the claim');
      await copyShop(await freshShop(signal), shopFolder);
    }
    return { exitCode: 0, reason: 'Completed' };
  };

  const serve = async (
    pod: PlacedPod,
    { env, mounts }: PlacedContainer,
    { log, signal, onAsleep }: ContainerIo,
  ): Promise<ContainerEnd> => {
    const shopFolder = mounts[docroot];
    if (!shopFolder) return failed(log, new Error(`There is no volume at ${docroot}`));
    await writeOwnFiles(shopFolder);
    const shop = openShop({
      folder: shopFolder,
      env,
      processes,
      awakeShops,
      timing,
      say: (line) => log.write(line),
      onAsleep,
    });
    shops.set(pod.uid, shop);
    const told = new Promise<undefined>((resolve) => {
      signal.addEventListener('abort', () => resolve(undefined), { once: true });
      if (signal.aborted) resolve(undefined);
    });
    const reason = await Promise.race([shop.hopeless, told]);
    shops.delete(pod.uid);
    await shop.close();
    return reason === undefined ? { exitCode: 0, reason: 'Completed' } : failed(log, new Error(reason));
  };

  return {
    run: async (pod, container, io) => {
      if (pod.app === 'mysql') {
        io.log.write('There is no MySQL here: the shop keeps its data in SQLite, in wp-content/database on the claim wordpress-data.');
      }
      if (pod.app !== 'woocommerce') return standIn.run(pod, container, io);
      const { log, signal } = io;
      try {
        return pod.initContainers.includes(container)
          ? await prepare(pod, container, log, signal)
          : await serve(pod, container, io);
      } catch (error) {
        return failed(log, error);
      }
    },
    isReady: async (pod) => pod.app !== 'woocommerce' || (shops.get(pod.uid)?.isReady() ?? false),
    probe: (pod, container, command) => standIn.probe(pod, container, command),
    exec: async (pod, containerName, command, io) => {
      const shop = shops.get(pod.uid);
      const container = pod.containers.find(({ name }) => name === containerName) ?? pod.containers[0];
      const script = command.findIndex((word) => word.endsWith('/setup.php'));
      if (!shop || !container || script < 0) return standIn.exec(pod, containerName, command, io);
      return runRecipe(container, command.slice(script), processes, io);
    },
    http: async (pod, port, request, response) => {
      const shop = shops.get(pod.uid);
      if (!shop) return standIn.http(pod, port, request, response);
      return shop.answer(request, response);
    },
  };
};

const failed = (log: WritablePodLog, error: unknown): ContainerEnd => {
  log.write(error instanceof Error ? error.message : 'It broke');
  return { exitCode: 1, reason: 'Error' };
};
