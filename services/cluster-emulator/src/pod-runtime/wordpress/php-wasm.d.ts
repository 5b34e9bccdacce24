/**
 * What is used of PHP's runtime. Its own types name their files without an ending, which TypeScript doesn't resolve for
 * modules of Node.
 */
declare module '@php-wasm/universal' {
  export interface StreamedPHPResponse {
    readonly stdout: ReadableStream<Uint8Array<ArrayBuffer>>;
    readonly stderr: ReadableStream<Uint8Array<ArrayBuffer>>;
    readonly headers: Promise<Record<string, string[]>>;
    readonly httpStatusCode: Promise<number>;
    readonly stdoutBytes: Promise<Uint8Array<ArrayBuffer>>;
    readonly stderrText: Promise<string>;
    readonly exitCode: Promise<number>;
  }

  export interface PHPRunOptions {
    readonly scriptPath?: string;
    /** In place of a script: its text. */
    readonly code?: string;
    /** Path and query. */
    readonly relativeUri?: string;
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: Uint8Array;
    readonly $_SERVER?: Readonly<Record<string, string>>;
  }

  export type MountHandler = (php: PHP, ...rest: never[]) => unknown;
  /** As `spawn` of `node:child_process`; made by `createSpawnHandler`. */
  export type SpawnHandler = (command: string, args: string[]) => unknown;

  export class PHP {
    /** @param runtime what `loadPHPRuntime` gave */
    constructor(runtime: number);
    setSapiName(name: string): Promise<void>;
    setSpawnHandler(handler: SpawnHandler): Promise<void>;
    /** @returns what takes it away again */
    mount(path: string, handler: MountHandler): Promise<() => Promise<unknown>>;
    /** Ends it; its memory is free. */
    exit(): void;
    /** One at a time. */
    runStream(options: PHPRunOptions): Promise<StreamedPHPResponse>;
    /** As a command line; this PHP can't be used again. @param words the first is `php` */
    cli(words: string[]): Promise<StreamedPHPResponse>;
    /** Told of each `post_message_to_js` in PHP, which returns what this resolves with. */
    onMessage(listener: (text: string) => Promise<string>): () => Promise<void>;
  }

  export const loadPHPRuntime: (loader: PHPLoaderModule, options: PHPRuntimeOptions) => Promise<number>;
  export const setPhpIniEntries: (php: PHP, entries: Readonly<Record<string, string>>) => Promise<void>;

  /** Opaque: from `getPHPLoaderModule` to `loadPHPRuntime`. */
  export interface PHPLoaderModule {
    readonly dependencyFilename: string;
  }

  /** Opaque: handed by the runtime to `bindUserSpace`. */
  export interface UserSpaceContext {
    readonly pid: number;
  }

  export interface PHPRuntimeOptions {
    readonly processId: number;
    readonly ENV: Record<string, string>;
    quit(code: number, error: unknown): never;
    bindUserSpace(context: UserSpaceContext): unknown;
    /** What PHP's sockets are played by: given the class of a WebSocket, or of its server, each returns another. */
    readonly websocket: {
      decorator(socket: unknown): new () => unknown;
      serverDecorator(server: unknown): new () => unknown;
    };
  }
}

declare module '@php-wasm/node' {
  import type { MountHandler, PHPLoaderModule, UserSpaceContext } from '@php-wasm/universal';

  export interface FileLockManager {
    releaseLocksForProcess(processId: number): void;
  }
  export class FileLockManagerForPosix implements FileLockManager {
    releaseLocksForProcess(processId: number): void;
  }
  export class FileLockManagerForWindows implements FileLockManager {
    releaseLocksForProcess(processId: number): void;
  }

  export const getPHPLoaderModule: (version: string) => Promise<PHPLoaderModule>;
  export const createNodeFsMountHandler: (source: string) => MountHandler;
  export const bindUserSpace: (
    locks: { fileLockManager: FileLockManager },
    context: UserSpaceContext,
  ) => unknown;
}

declare module '@php-wasm/util' {
  import type { SpawnHandler } from '@php-wasm/universal';

  /** A process that a handler plays. */
  export interface ProcessApi {
    notifySpawn(): void;
    stdout(data: Uint8Array | string): void;
    stderr(data: Uint8Array | string): void;
    exit(code: number): void;
  }

  export const createSpawnHandler: (
    program: (words: string[], io: ProcessApi) => Promise<void>,
  ) => SpawnHandler;
}
