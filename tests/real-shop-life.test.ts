import { mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { processIdentity } from '@store-platform/shared/process/process-identity';
import { listenOnLoopback } from '@store-platform/shared/testing/listen-on-loopback';
import { until } from '@store-platform/shared/testing/until';
import { asleepAnnotation } from '../services/cluster-emulator/src/controllers/pods.ts';
import { pods } from '../services/cluster-emulator/src/objects/resources.ts';
import { describeWithPackages } from './describe-with-packages.ts';
import { expectProducts, patienceMs, shareShops } from './real-shops.ts';

/** As it is written: no client corrects the path. */
const fetchRaw = (url: string, port: number, path: string) =>
  new Promise<{ status: number; body: string }>((resolve, reject) => {
    const headers = { host: new URL(url).hostname };
    request({ host: '127.0.0.1', port, path, headers }, (response) =>
      resolve(text(response).then((body) => ({ status: response.statusCode ?? 0, body }))),
    )
      .on('error', reject)
      .end();
  });

await describeWithPackages('a real shop on Node alone', 'spec', (parts) => {
  const useShops = shareShops(parts);

  it(
    'keeps visitors apart and gives nothing away, neither files nor a way into the network',
    async () => {
      const { open, pids, emulator } = await useShops();
      const shop = await open('Tea');
      const [ann, ben] = [shop.visit(), shop.visit()];
      const [, id = ''] = /data-product_id="(\d+)"/.exec((await ann.get('/shop/')).body) ?? [];
      await ann.get(`/?add-to-cart=${id}`);
      const countOf = async (guest: typeof ann) =>
        /"items_count":(\d+)/.exec((await guest.get('/wp-json/wc/store/v1/cart')).body)?.[1];
      expect(await countOf(ann)).toBe('1');
      expect(await countOf(ben)).toBe('0');

      const secret = 'nobody may read this';
      const plant = (path: string) => writeFile(join(shop.claim, path), secret);
      await mkdir(join(shop.claim, 'wp-content/uploads/.hidden'), { recursive: true });
      for (const path of ['../outside.txt', '.env', 'dump.sql', 'wp-content/debug.log']) await plant(path);
      await plant('wp-content/uploads/.hidden/note.txt');
      await symlink(join(shop.claim, '../outside.txt'), join(shop.claim, 'wp-content/uploads/link.txt'));
      for (const path of [
        '/wp-content/database/.ht.sqlite',
        '/wp-content/database/',
        '/wp-content//database/.ht.sqlite',
        '/wp-content/DATABASE/.ht.sqlite',
        '/wp-content/%64atabase/%2eht.sqlite',
        '/wp-content/plugins/../database/.ht.sqlite',
        '/.env',
        '/%2eenv',
        '/dump.sql',
        '/wp-content/debug.log',
        '/wp-content/.store-setup.lock',
        '/wp-content/uploads/.hidden/note.txt',
        '/wp-content/uploads/link.txt',
        '/../outside.txt',
        '/..%2foutside.txt',
        '/wp-content/..%2f..%2f..%2foutside.txt',
        '/..%5coutside.txt',
        '/%2e%2e/%2e%2e/%2e%2e/etc/passwd',
        '/wp-config.php',
      ]) {
        const { status, body } = await fetchRaw(shop.url, emulator.ingressPort, path);
        // WordPress' own page for what isn't there, or a refusal; wp-config.php is run, and says nothing.
        const expected = path === '/wp-config.php' ? [200] : [301, 403, 404];
        expect(expected, path).toContain(status);
        expect(body, path).not.toMatch(/nobody may read|SQLite format|root:|DB_NAME/);
      }

      const neighbour = await listen();
      await writeFile(join(shop.claim, 'call.php'), callOut(neighbour.port));
      expect((await ben.get('/call.php')).body).toBe('heard: nothing');
      expect(neighbour.callers()).toBe(0);
      expect(pids()).not.toEqual([]);
      for (const pid of pids()) expect(await listeningPorts(pid)).toEqual([]);
    },
    2 * patienceMs,
  );

  it(
    'sleeps without visitors, stays ready, and wakes for the next one',
    async () => {
      const { open, pids, emulator } = await useShops({ sleepAfterMs: 3_000, longestRequestMs: 20_000 });
      const shop = await open('Tea');
      const shopPod = () =>
        emulator.store
          .list(pods, shop.storeId)
          .find(({ metadata }) => metadata.labels?.['app'] === 'woocommerce');
      const isAsleep = () => shopPod()?.metadata.annotations?.[asleepAnnotation] === 'true';
      await until('it sleeps', isAsleep, { timeoutMs: patienceMs });
      await until('none of its processes runs', () => pids().every((pid) => !processIdentity(pid)), {
        timeoutMs: patienceMs,
      });
      expectProducts((await shop.visit().get('/shop/')).body);
      expect(isAsleep()).toBe(false);
    },
    2 * patienceMs,
  );
});

/** Somebody else on this machine, who answers whoever calls. */
const listen = async () => {
  let callers = 0;
  const server = createServer((socket) => {
    callers += 1;
    socket.end('HTTP/1.0 200 OK\r\n\r\nhello');
  });
  return { port: await listenOnLoopback(server), callers: () => callers };
};

/** A script in the shop that tries to reach a port of this machine in all of PHP's ways, and to open one. */
const callOut = (port: number): string => `<?php
$heard = '';
foreach ([@fsockopen('127.0.0.1', ${port}), @stream_socket_client('tcp://127.0.0.1:${port}')] as $stream) {
    if ($stream) { @fwrite($stream, "GET / HTTP/1.0\\r\\n\\r\\n"); $heard .= fread($stream, 100); }
}
$curl = curl_init('http://127.0.0.1:${port}/');
curl_setopt_array($curl, [CURLOPT_RETURNTRANSFER => true, CURLOPT_TIMEOUT => 5]);
$heard .= curl_exec($curl) . @file_get_contents('http://127.0.0.1:${port}/');
try { new PDO('mysql:host=127.0.0.1;port=${port}'); $heard .= 'PDO'; } catch (PDOException) {}
@stream_socket_server('tcp://127.0.0.1:0');
echo 'heard: ', $heard ?: 'nothing';`;

/** Where the system tells it: the addresses, as the kernel writes them, at which a process waits for others. */
const listeningPorts = async (pid: number): Promise<string[]> => {
  const handles = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const targets = await Promise.all(
    handles.map((handle) => readlink(`/proc/${pid}/fd/${handle}`).catch(() => '')),
  );
  const sockets = new Set(targets.map((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1]));
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
  const listening = '0A';
  return tables
    .flatMap((table) => table.split('\n').map((line) => line.trim().split(/\s+/)))
    .filter((fields) => fields[3] === listening && sockets.has(fields[9]))
    .map((fields) => fields[1] ?? '');
};
