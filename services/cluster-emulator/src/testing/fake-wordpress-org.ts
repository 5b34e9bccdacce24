import { createHash } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { PackageName, StorePackage } from '@store-platform/shared/config/profiles';
import { listenOnLoopback } from '@store-platform/shared/testing/listen-on-loopback';
import type { WantedPackages } from '../packages/known-packages.ts';
import { makeZip } from './make-zip.ts';

export interface FakeWordpressOrg {
  /** The four archives as it serves them, at their versions. */
  readonly wanted: WantedPackages;
  /** By path, e.g. `/woocommerce.zip`; what is not here is answered with 404. */
  readonly files: Map<string, Buffer>;
  /** What was asked, e.g. `GET /woocommerce.zip bytes=10-`, with `: 206` behind it when only that part was given. */
  readonly asked: string[];
  /** So many of the next archives are cut before their first byte. */
  cuts: number;
  honoursRange: boolean;
  /** When set, what everything is answered with. */
  status: number | undefined;
  /** While true, nothing is answered. */
  isSilent: boolean;
  /** While true, archives come to their half and no further. */
  isHeld: boolean;
  /** Cuts those that are held. */
  cutHeld(): void;
}

const versions = { wordpress: '6.4.5', woocommerce: '9.1.2', storefront: '4.6.2', sqlite: '3.0.2' } as const;

/** An archive as its maker makes it. @param padding bytes more, so that it takes its time */
export const archiveOf = (name: PackageName, version: string = versions[name], padding = 20_000): Buffer => {
  const contents = {
    wordpress: {
      'wordpress/index.php': '<?php',
      'wordpress/wp-includes/version.php': `<?php\n$wp_version = '${version}';\n`,
    },
    woocommerce: {
      'woocommerce/woocommerce.php': `<?php\n/**\n * Plugin Name: Shop\n * Version: ${version}\n */`,
    },
    storefront: { 'storefront/style.css': `/*\nTheme Name: Storefront\nVersion:      ${version}\n*/` },
    sqlite: { 'sqlite-database-integration/load.php': `<?php\n/**\n * Version: ${version}\n */` },
  };
  return makeZip({ 'padding.bin': Buffer.alloc(padding, version), ...contents[name] });
};

/** Plays wordpress.org on loopback, as well and as badly as the test wants it. */
export const startFakeWordpressOrg = async (): Promise<FakeWordpressOrg> => {
  const held = new Map<ServerResponse, Buffer>();
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    fake.asked.push([method, url, ...(headers.range ? [headers.range] : [])].join(' '));
    if (fake.isSilent) return;
    const file = fake.files.get(url);
    if (fake.status !== undefined || !file) {
      response.writeHead(fake.status ?? 404).end();
      return;
    }
    const etag = `"${createHash('sha1').update(file).digest('hex')}"`;
    const [, first] = /^bytes=(\d+)-$/.exec(headers.range ?? '') ?? [];
    const from = first && fake.honoursRange && headers['if-range'] === etag ? Number(first) : 0;
    const rest = file.subarray(from);
    if (from > 0) fake.asked[fake.asked.length - 1] += ': 206';
    response.writeHead(from > 0 ? 206 : 200, {
      etag,
      'content-length': rest.length,
      ...(from > 0 && { 'content-range': `bytes ${from}-${file.length - 1}/${file.length}` }),
    });
    if (method === 'HEAD') response.end();
    else send(response, rest);
  });
  const send = (response: ServerResponse, content: Buffer) => {
    const half = Math.floor(content.length / 2);
    if (fake.cuts > 0) {
      fake.cuts -= 1;
      response.flushHeaders();
      response.destroy();
    } else if (isHeld) {
      response.write(content.subarray(0, half));
      held.set(response, content.subarray(half));
    } else response.end(content);
  };
  let isHeld = false;
  const port = await listenOnLoopback(server);
  const published = (name: PackageName): StorePackage => ({
    version: versions[name],
    url: `http://127.0.0.1:${port}/${name}.zip`,
    sha256: undefined,
  });
  const wanted = {
    wordpress: published('wordpress'),
    woocommerce: published('woocommerce'),
    storefront: published('storefront'),
    sqlite: published('sqlite'),
  };
  const archive = (name: PackageName): [string, Buffer] => [`/${name}.zip`, archiveOf(name)];
  const fake: FakeWordpressOrg = {
    wanted,
    files: new Map([archive('wordpress'), archive('woocommerce'), archive('storefront'), archive('sqlite')]),
    asked: [],
    cuts: 0,
    honoursRange: true,
    status: undefined,
    isSilent: false,
    get isHeld() {
      return isHeld;
    },
    set isHeld(value) {
      isHeld = value;
      if (value) return;
      for (const [response, rest] of held) response.end(rest);
      held.clear();
    },
    cutHeld: () => {
      for (const response of held.keys()) response.destroy();
      held.clear();
    },
  };
  return fake;
};
