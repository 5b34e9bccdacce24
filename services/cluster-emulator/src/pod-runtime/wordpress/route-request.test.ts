import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeTestFolder } from '../../testing/test-cluster.ts';
import { routeRequest } from './route-request.ts';

let shop: string;

beforeEach(async () => {
  const folder = await realpath(await makeTestFolder());
  shop = join(folder, 'shop');
  const files = [
    '../outside.txt',
    'index.php',
    'wp-config.php',
    'wp-login.php',
    '.env',
    'wp-admin/index.php',
    'wp-admin/admin-ajax.php',
    'wp-content/database/.ht.sqlite',
    'wp-content/database/copy.txt',
    'wp-content/debug.log',
    'wp-content/themes/storefront/style.css',
    'wp-content/plugins/woocommerce/composer.lock',
    'wp-content/plugins/woocommerce/a b#c?.css',
    'wp-content/uploads/photo.jpg',
    'wp-content/uploads/evil.php',
    'wp-content/uploads/dump.sql',
    'wp-content/uploads/woocommerce_uploads/2026/book.pdf',
    '.well-known/security.txt',
  ];
  for (const file of files) {
    await mkdir(dirname(join(shop, file)), { recursive: true });
    await writeFile(join(shop, file), file);
  }
  await writeFile(join(shop, 'wp-content/uploads/woocommerce_uploads/.htaccess'), 'deny from all');
  await symlink(join(folder, 'outside.txt'), join(shop, 'wp-content/uploads/link.txt'));
});

const kindOf = async (url: string) => (await routeRequest(shop, url)).kind;

describe('a shop’s web server', () => {
  it.each([
    '/.env',
    '/%2eenv',
    '/wp-content/database/.ht.sqlite',
    '/wp-content/database/copy.txt',
    '/WP-CONTENT/DATABASE/copy.txt',
    '/wp-content/x/../database/copy.txt',
    '/wp-content/debug.log',
    '/wp-content/plugins/woocommerce/composer.lock',
    '/wp-content/uploads/dump.sql',
    '/wp-content/uploads/evil.php',
    '/wp-content/uploads/evil.php/photo.jpg',
    '/wp-content/uploads/woocommerce_uploads/2026/book.pdf',
    '/wp-content/uploads/link.txt',
    '/a%00b',
    '/a%5cb',
    '/%zz',
  ])('refuses %s', async (url) => {
    expect(await kindOf(url)).toBe('refused');
  });

  it.each(['/../outside.txt', '/%2e%2e/outside.txt', '/wp-content/../../outside.txt'])(
    'finds nothing outside of the shop’s folder: %s',
    async (url) => {
      expect(await routeRequest(shop, url)).toEqual({ kind: 'script', script: '/index.php', pathInfo: '' });
    },
  );

  it.each([
    ['/wp-content/themes/storefront/style.css?ver=4.6.2', 'wp-content/themes/storefront/style.css'],
    ['/wp-content/plugins/woocommerce/a%20b%23c%3F.css', 'wp-content/plugins/woocommerce/a b#c?.css'],
    ['/wp-content/uploads/photo.jpg', 'wp-content/uploads/photo.jpg'],
    ['/.well-known/security.txt', '.well-known/security.txt'],
  ])('serves %s as it lies there', async (url, file) => {
    expect(await routeRequest(shop, url)).toEqual({ kind: 'file', path: join(shop, file) });
  });

  it.each([
    ['/', '/index.php', ''],
    ['/shop/?orderby=price', '/index.php', ''],
    ['/missing.css', '/index.php', ''],
    ['/wp-content/plugins/woocommerce/', '/index.php', ''],
    ['/wp-login.php?action=logout', '/wp-login.php', ''],
    ['/wp-config.php', '/wp-config.php', ''],
    ['/wp-admin/', '/wp-admin/index.php', ''],
    ['/wp-admin/admin-ajax.php', '/wp-admin/admin-ajax.php', ''],
    ['/index.php/shop/', '/index.php', '/shop/'],
    ['/nothing.php', '/index.php', ''],
  ])('leaves %s to PHP', async (url, script, pathInfo) => {
    expect(await routeRequest(shop, url)).toEqual({ kind: 'script', script, pathInfo });
  });

  it('sends who leaves out a folder’s last slash on, within the shop', async () => {
    expect(await routeRequest(shop, '/wp-admin?a=b')).toEqual({
      kind: 'redirect',
      location: '/wp-admin/?a=b',
    });
    expect(await routeRequest(shop, '//wp-admin')).toEqual({ kind: 'redirect', location: '/wp-admin/' });
  });
});
