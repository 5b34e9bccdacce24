import { EventEmitter } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import {
  bindUserSpace,
  createNodeFsMountHandler,
  FileLockManagerForPosix,
  FileLockManagerForWindows,
  getPHPLoaderModule,
} from '@php-wasm/node';
import { loadPHPRuntime, PHP, setPhpIniEntries } from '@php-wasm/universal';

/** The one PHP that shops run on; the others are replaced by an empty package, see `overrides` in the root package.json. */
const phpVersion = '8.3';

export interface PhpOptions {
  /** Tells PHP's processes apart where they lock files: one number, one PHP. */
  readonly processId: number;
  readonly env: Readonly<Record<string, string>>;
  /** Path in PHP's file system → file or folder on this machine. */
  readonly mounts: Readonly<Record<string, string>>;
  /** `fpm-fcgi` for what serves, because opcache refuses to work under most other names without a word. */
  readonly sapi: 'cli' | 'fpm-fcgi';
}

/**
 * PHP's own code is compiled a second time, for speed, only where it has run a hundred times as long as V8 would wait for:
 * at once, that takes a third longer until a shop's first page, and without it each page takes a fifth longer (measured).
 */
const quickStart = ['--wasm-tiering-budget=200000000'];

/**
 * In place of the WebSockets that PHP's sockets are played by, and of their server: one reaches any port of the machine.
 * PHP finds each connection closed by the other side.
 */
class ClosedSocket extends EventEmitter {
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;
  readonly readyState = this.CLOSED;

  send(): void {}
  close(): void {}
}

/**
 * A PHP of its own, compiled to WebAssembly. The runtime's own loader would open a port on loopback through which any
 * process of the machine reaches the network: here the parts are put together without it, and without what it would be
 * reached by, so PHP has no network at all.
 */
export const loadPhp = async ({ processId, env, mounts, sapi }: PhpOptions): Promise<PHP> => {
  for (const flag of quickStart) setFlagsFromString(flag);
  const locks =
    process.platform === 'win32' ? new FileLockManagerForWindows() : new FileLockManagerForPosix();
  const runtime = await loadPHPRuntime(await getPHPLoaderModule(phpVersion), {
    processId,
    ENV: { ...env },
    quit: (_code: number, error: unknown) => {
      throw error;
    },
    websocket: { decorator: () => ClosedSocket, serverDecorator: () => ClosedSocket },
    bindUserSpace: (context) => bindUserSpace({ fileLockManager: locks }, context),
  });
  const php = new PHP(runtime);
  await mountAll(php, mounts);
  await setPhpIniEntries(php, sapi === 'cli' ? iniEntries : { ...iniEntries, ...opcacheEntries });
  await php.setSapiName(sapi);
  return php;
};

/** @returns what takes them away again */
export const mountAll = async (php: PHP, mounts: PhpOptions['mounts']): Promise<() => Promise<void>> => {
  const unmounts: (() => Promise<unknown>)[] = [];
  for (const [path, source] of Object.entries(mounts))
    unmounts.unshift(await php.mount(path, createNodeFsMountHandler(source)));
  return async () => {
    for (const unmount of unmounts) await unmount();
  };
};

/** A process with PHP was started with what PHP is to see, and nothing else. @param environment of the process */
export const wholeEnvironment = (environment: NodeJS.ProcessEnv): PhpOptions['env'] =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value ?? '']));

const iniEntries = {
  memory_limit: '256M',
  display_errors: '0',
  display_startup_errors: '0',
  html_errors: '0',
  log_errors: '1',
  allow_url_fopen: '0',
  upload_max_filesize: '64M',
  post_max_size: '64M',
  output_buffering: '4096',
  implicit_flush: '0',
};

const opcacheEntries = {
  'opcache.file_cache_only': '0',
  'opcache.file_cache': '',
  'opcache.memory_consumption': '64',
  'opcache.max_accelerated_files': '10000',
  // Without what follows data through whole functions, which costs a fifth of a shop's first page; the others are worth
  // their time: a tenth of each page (measured).
  'opcache.optimization_level': '0x7FFE9F1F',
};
