import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '@store-platform/shared/testing/until';
import { expect, it } from 'vitest';
import { makeTestFolder } from '../../testing/test-cluster.ts';
import { createPhpProcesses } from './php-processes.ts';
import { ownPhp } from './shop-files.ts';

// The very setup.php that every shop is made by, on PHP itself. WordPress is played by three small scripts.

const setup = fileURLToPath(new URL('../../../../worker/recipe/setup.php', import.meta.url));

/** Says that it began, waits for leave, makes one table, and says that it ended. */
const installer = `<?php
file_put_contents('/var/www/html/installs', "begun\\n", FILE_APPEND);
while (!is_file('/var/www/html/go-on')) { usleep(200000); clearstatcache(); }
@mkdir('/var/www/html/wp-content/database');
$link = new PDO('sqlite:/var/www/html/wp-content/database/.ht.sqlite');
$link->exec('CREATE TABLE wp_options (option_name TEXT UNIQUE, option_value TEXT)');
file_put_contents('/var/www/html/installs', "ended\\n", FILE_APPEND);
while (is_file('/var/www/html/wait-at-the-end')) { usleep(200000); clearstatcache(); }
`;
const recipe = {
  plugin: { slug: 'woocommerce', version: '9.1.2' },
  theme: { slug: 'storefront', version: '4.6.2' },
  products: [{}, {}, {}],
};

/** A shop's folder with plugin and theme in place, and nothing installed. */
const useShop = async () => {
  const folder = await makeTestFolder();
  const [docroot, scripts] = [join(folder, 'html'), join(folder, 'recipe')];
  for (const path of ['plugins/woocommerce/woocommerce.php', 'themes/storefront/style.css']) {
    const file = join(docroot, 'wp-content', path);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, ` * Version: ${path.startsWith('plugins') ? '9.1.2' : '4.6.2'}\n`);
  }
  await mkdir(scripts);
  await copyFile(setup, join(scripts, 'setup.php'));
  await copyFile(ownPhp.database, join(scripts, 'database.php'));
  await writeFile(join(scripts, 'install.php'), installer);
  await writeFile(join(scripts, 'furnish.php'), '<?php\n');
  await writeFile(join(scripts, 'recipe.json'), JSON.stringify(recipe));
  await writeFile(join(scripts, 'wp'), '<?php\n');
  const processes = createPhpProcesses(join(folder, 'processes'));
  const run = () => {
    const mounts = {
      '/var/www/html': docroot,
      '/store-platform/recipe': scripts,
      '/store-platform/tools/wp': join(scripts, 'wp'),
    };
    const child = processes.program({ env: {}, mounts }, ['/store-platform/recipe/setup.php']);
    let output = '';
    child.stdout?.on('data', (chunk) => (output += String(chunk)));
    const closed = once(child, 'close');
    return {
      pid: child.pid,
      output: () => output,
      kill: async () => {
        child.kill('SIGKILL');
        await closed;
      },
      ended: async () => {
        await closed;
        return child.exitCode;
      },
    };
  };
  const file = (name: string) => join(docroot, name);
  return {
    run,
    say: (name: string) => writeFile(file(name), ''),
    unsay: (name: string) => rm(file(name)),
    installs: async () => (existsSync(file('installs')) ? readFile(file('installs'), 'utf8') : ''),
  };
};

/** As the system tells it: `1: -> FLOCK  ADVISORY  WRITE 4711 …` */
const waitsForALock = async (pid: number | undefined): Promise<boolean> =>
  new RegExp(`-> .* ${pid} `).test(await readFile('/proc/locks', 'utf8'));

const patience = { timeoutMs: 120_000 };

it(
  'a second set-up of the same shop waits for the first, and finds its work done',
  { timeout: 300_000 },
  async () => {
    const { run, say, installs } = await useShop();
    const first = run();
    await until('it installs', async () => (await installs()) === 'begun\n', patience);
    const second = run();
    await until('the second one waits', () => waitsForALock(second.pid), patience);
    await say('go-on');
    expect([await first.ended(), await second.ended()]).toEqual([0, 0]);
    expect(await installs()).toBe('begun\nended\n');
  },
);

it('a core install that was cut short is cleared away and made again', { timeout: 300_000 }, async () => {
  const { run, say, unsay, installs } = await useShop();
  await say('go-on');
  await say('wait-at-the-end');
  const first = run();
  await until('its tables are there', async () => (await installs()) === 'begun\nended\n', patience);
  await first.kill();

  await unsay('wait-at-the-end');
  const second = run();
  expect(await second.ended()).toBe(0);
  expect(second.output()).toContain('cut short');
  expect(await installs()).toBe('begun\nended\nbegun\nended\n');

  const third = run();
  expect(await third.ended()).toBe(0);
  expect(third.output()).not.toContain('cut short');
  expect(await installs()).toBe('begun\nended\nbegun\nended\n');
});
