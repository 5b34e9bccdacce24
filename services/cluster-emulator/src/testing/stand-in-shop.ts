import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import type { JsonObject } from '../objects/json.ts';
import { createPodLog } from '../pod-runtime/pod-log.ts';
import type { PlacedPod, PodRuntime } from '../pod-runtime/pod-runtime.ts';
import { createStandInRuntime } from '../pod-runtime/stand-in/stand-in-runtime.ts';
import { makeTestFolder } from './test-cluster.ts';

const recipeFolder = '/store-platform/recipe';
export const recipeCommand = [
  'setpriv',
  '--reuid=33',
  'env',
  'HOME=/tmp',
  'php',
  `${recipeFolder}/setup.php`,
];

/** As the worker writes it. */
export const sampleRecipe = {
  version: 1,
  shop: { name: 'My Shop', url: 'http://shop.localhost:8080' },
  admin: { user: 'admin', email: 'admin@store.local' },
  plugin: { slug: 'woocommerce', version: '9.1.2' },
  theme: { slug: 'storefront', version: '4.6.2' },
  options: {
    permalink_structure: '/%postname%/',
    woocommerce_coming_soon: 'no',
    woocommerce_onboarding_profile: { skipped: true },
    woocommerce_default_country: 'US:CA',
    woocommerce_currency: 'USD',
  },
  payment: { cod: { enabled: 'yes', title: 'Cash on delivery', enable_for_virtual: 'yes' } },
  products: [
    { sku: 'sample-headphones', name: 'Wireless Headphones', price: '99.99' },
    { sku: 'sample-speaker', name: 'Bluetooth Speaker', price: '49.99' },
    { sku: 'sample-cable', name: 'USB-C Cable', price: '9.99' },
  ],
};

export interface Seen {
  readonly status: number;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

/** One person's browser: keeps cookies, follows redirects unless told otherwise. */
export interface Browser {
  get(path: string, options?: { follow?: boolean; headers?: Record<string, string> }): Promise<Seen>;
  /** Sends a form with the nonce of the page that was seen last. */
  submit(path: string, fields: Record<string, string>): Promise<Seen>;
  send(method: string, path: string, headers?: Record<string, string>, body?: string): Promise<Seen>;
}

export interface StandInShop {
  readonly runtime: PodRuntime;
  readonly pod: PlacedPod;
  /** Runs a command in the shop's container. */
  exec(command: readonly string[]): Promise<{ exitCode: number; stdout: string; stderr: string }>;
  setRecipe(recipe: JsonObject): Promise<void>;
  browse(): Browser;
  /** As another pod on the same claim: the emulator was started again. */
  restart(): Promise<void>;
}

/** A shop's pod on folders of its own, before its recipe has run. */
export const startStandInShop = async (env: Record<string, string> = { STORE_ADMIN_PASSWORD: 'Pass@1' }) => {
  const folder = await makeTestFolder();
  const mounts = { '/var/www/html': join(folder, 'html'), [recipeFolder]: join(folder, 'recipe') };
  for (const mount of Object.values(mounts)) await mkdir(mount);
  const container = { name: 'wordpress', image: 'wordpress', command: [], env, mounts };
  const pod = {
    namespace: 'shop',
    name: 'woocommerce-1',
    uid: 'uid-1',
    app: 'woocommerce',
    containers: [container],
    initContainers: [],
  };
  let ending = new AbortController();
  const begin = (): PodRuntime => {
    const begun = createStandInRuntime();
    ending = new AbortController();
    void begun.run(pod, container, {
      log: createPodLog(),
      signal: ending.signal,
      onAsleep: () => {},
    });
    return begun;
  };
  let runtime = begin();
  onTestFinished(() => ending.abort());
  const server = createServer((request, response) => {
    runtime.http(pod, 80, request, response).catch((error: unknown) => {
      response.writeHead(599).end(String(error));
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;

  const shop: StandInShop = {
    get runtime() {
      return runtime;
    },
    pod,
    exec: async (command) => {
      const said = { stdout: '', stderr: '' };
      const into = (name: 'stdout' | 'stderr') =>
        new Writable({
          write: (chunk: Buffer, _encoding, done) => {
            said[name] += chunk.toString();
            done();
          },
        });
      const io = { stdout: into('stdout'), stderr: into('stderr'), signal: new AbortController().signal };
      return { exitCode: await runtime.exec(pod, 'wordpress', command, io), ...said };
    },
    setRecipe: (recipe) => writeFile(join(folder, 'recipe', 'recipe.json'), JSON.stringify(recipe)),
    browse: () => openBrowser(port),
    restart: async () => {
      ending.abort();
      runtime = begin();
    },
  };
  return shop;
};

/** A shop whose recipe has run. */
export const furnishStandInShop = async (recipe: JsonObject = sampleRecipe): Promise<StandInShop> => {
  const shop = await startStandInShop();
  await shop.setRecipe(recipe);
  const { exitCode, stderr } = await shop.exec(recipeCommand);
  if (exitCode !== 0) throw new Error(stderr);
  return shop;
};

const openBrowser = (port: number): Browser => {
  const cookies = new Map<string, string>();
  let lastPage = '';
  const send: Browser['send'] = (method, path, headers = {}, body) =>
    new Promise((resolve, reject) => {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const options = { port, method, path, headers: { host: 'shop.localhost:8080', cookie, ...headers } };
      const call = httpRequest(options, (response) => {
        for (const line of response.headers['set-cookie'] ?? []) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
          cookies.set(name, value);
        }
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          lastPage = text;
          resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers });
        });
      });
      call.on('error', reject).end(body);
    });
  const follow = async (seen: Seen): Promise<Seen> => {
    let now = seen;
    for (let hops = 0; now.headers.location && hops < 5; hops += 1)
      now = await send('GET', now.headers.location);
    return now;
  };
  return {
    send,
    get: async (path, options = {}) => {
      const seen = await send('GET', path, options.headers);
      return options.follow === false ? seen : follow(seen);
    },
    submit: async (path, fields) => {
      const nonce = /name="nonce" value="([^"]*)"/.exec(lastPage)?.[1] ?? '';
      const form = new URLSearchParams({ nonce, ...fields }).toString();
      return follow(await send('POST', path, { 'content-type': 'application/x-www-form-urlencoded' }, form));
    },
  };
};
