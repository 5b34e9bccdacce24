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
 * Compiling PHP's own code a second time, for speed, takes four times as long as a shop's first page needs, 100 MB, and
 * makes no page quicker (measured with Node 20 and 24).
 */
const quickStart = ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering'];

/**
 * A PHP of its own, compiled to WebAssembly. The runtime's own loader would open a port on loopback through which any
 * process of the machine reaches the network: here the parts are put together without it, so PHP has no network at all.
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
    bindUserSpace: (context) => bindUserSpace({ fileLockManager: locks }, context),
  });
  const php = new PHP(runtime);
  for (const [path, source] of Object.entries(mounts))
    await php.mount(path, createNodeFsMountHandler(source));
  await setPhpIniEntries(php, sapi === 'cli' ? iniEntries : { ...iniEntries, ...opcacheEntries });
  await php.setSapiName(sapi);
  return php;
};

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
  // A fifth of a shop's first page, for nothing that shows in the next ones (measured).
  'opcache.optimization_level': '0',
};
