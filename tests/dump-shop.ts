import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { createPhpProcesses } from '../services/cluster-emulator/src/pod-runtime/wordpress/php-processes.ts';

const Rows = z.array(z.record(z.string(), z.union([z.string(), z.number(), z.null()])));
const Dump = z.object({
  /** `ok`, or what SQLite finds wrong with its file. */
  integrity: z.string(),
  tables: z.record(z.string(), z.object({ sql: z.string(), rows: Rows })),
});
/** All that a shop's database holds. */
export type Dump = z.infer<typeof Dump>;
export type Row = z.infer<typeof Rows>[number];

/** PHP brings SQLite, which not every Node does. */
const script = `<?php
$db = new PDO('sqlite:/shop/wp-content/database/.ht.sqlite');
$db->setAttribute(PDO::ATTR_TIMEOUT, 60);
$dump = ['integrity' => $db->query('PRAGMA integrity_check')->fetchColumn(), 'tables' => []];
$tables = $db->query("SELECT name, sql FROM sqlite_master WHERE type = 'table'")->fetchAll(PDO::FETCH_KEY_PAIR);
foreach ($tables as $name => $sql) {
    $dump['tables'][$name] = ['sql' => $sql, 'rows' => $db->query("SELECT * FROM \`$name\`")->fetchAll(PDO::FETCH_ASSOC)];
}
echo json_encode($dump, JSON_INVALID_UTF8_SUBSTITUTE);`;

/** @param claim a real shop's docroot on this machine */
export const dumpShop = async (claim: string): Promise<Dump> => {
  const folder = await mkdtemp(join(tmpdir(), 'store-platform-test-'));
  try {
    await writeFile(join(folder, 'dump.php'), script);
    const child = createPhpProcesses(join(folder, 'processes')).program(
      { env: {}, mounts: { '/shop': claim, '/dump.php': join(folder, 'dump.php') } },
      ['/dump.php'],
    );
    const said = await Promise.all(
      [child.stdout, child.stderr].map((stream) => (stream ? text(stream) : Promise.resolve(''))),
    );
    const [dump = '', complaints = ''] = said;
    if (complaints !== '') throw new Error(`The database could not be read: ${complaints}`);
    return Dump.parse(JSON.parse(dump));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
