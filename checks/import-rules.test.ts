import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');

/** One planted fault for each rule: the file, and what it must not import. */
const faults: Record<string, { file: string; imports: string }> = {
  'no-cycles': { file: 'shared/src/log/a.ts', imports: './b.ts' },
  'nothing-unresolved': { file: 'shared/src/log/c.ts', imports: './missing.ts' },
  'contract-imports-only-zod': { file: 'shared/src/contract/a.ts', imports: 'node:fs' },
  'lifecycle-is-pure': { file: 'shared/src/lifecycle/a.ts', imports: 'node:fs' },
  'db-does-not-know-the-queue': { file: 'shared/src/db/a.ts', imports: '../queue/q.ts' },
  'queue-does-not-know-the-db': { file: 'shared/src/queue/a.ts', imports: '../db/d.ts' },
  'services-do-not-import-each-other': { file: 'services/api/src/a.ts', imports: '../../worker/src/w.ts' },
  'shared-imports-no-service': { file: 'shared/src/log/d.ts', imports: '../../../services/worker/src/w.ts' },
  'dashboard-imports-only-the-contract': {
    file: 'dashboard/src/app/a.ts',
    imports: '../../../shared/src/log/e.ts',
  },
  'dashboard-points-one-way': { file: 'dashboard/src/ui/a.tsx', imports: '../features/f.ts' },
  'features-do-not-import-app': { file: 'dashboard/src/features/a.ts', imports: '../app/b.ts' },
  'stages-do-not-know-db-or-queue': {
    file: 'services/worker/src/stages/a.ts',
    imports: '../../../../shared/src/db/d.ts',
  },
  'runner-does-not-touch-kubernetes': {
    file: 'services/worker/src/runner/a.ts',
    imports: '../../../../shared/src/kube/k.ts',
  },
  'only-the-worker-writes-to-kubernetes': {
    file: 'services/api/src/b.ts',
    imports: '../../../shared/src/kube/k.ts',
  },
  'pg-has-one-home': { file: 'services/api/src/c.ts', imports: 'pg' },
  'bullmq-has-one-home': { file: 'services/api/src/d.ts', imports: 'bullmq' },
  'client-node-has-one-home': { file: 'services/worker/src/e.ts', imports: '@kubernetes/client-node' },
  'php-wasm-has-one-home': { file: 'services/cluster-emulator/src/p.ts', imports: '@php-wasm/node' },
};

const innocents = {
  'shared/src/log/b.ts': "import './a.ts';",
  'shared/src/log/e.ts': 'export {};',
  'shared/src/queue/q.ts': 'export {};',
  'shared/src/db/d.ts': "import 'pg';",
  'shared/src/kube/k.ts': "import '@kubernetes/client-node';",
  'shared/src/contract/z.ts': "import 'zod';",
  'services/worker/src/w.ts': "import '../../../shared/src/db/d.ts';",
  'dashboard/src/features/f.ts': "import '../../../shared/src/contract/z.ts';",
  'dashboard/src/app/b.ts': "import '../features/f.ts';",
};

/** A file with JSX is read, too. */
const jsx = 'export const page = <a href={String(1)} />;';

interface Violation {
  rule: { name: string };
  from: string;
}

let folder: string;
let violations: Violation[];

const write = async (file: string, text: string) => {
  await mkdir(dirname(join(folder, file)), { recursive: true });
  await writeFile(join(folder, file), text);
};

const cruise = (): Promise<string> =>
  new Promise((done) => {
    const args = [
      '--require',
      join(root, 'checks/parse-tsx.cjs'),
      join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
      '--config',
      join(root, 'checks/import-rules.cjs'),
      '--output-type',
      'json',
      'shared/src',
      'services',
      'dashboard',
    ];
    // It exits with the number of violations, so a non-zero code is expected here.
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 2 ** 26 }, (_error, stdout) => done(stdout));
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'import-rules-'));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const [file, text] of Object.entries(innocents)) await write(file, text);
  for (const { file, imports } of Object.values(faults))
    await write(file, `import '${imports}';${file.endsWith('x') ? jsx : ''}`);
  violations = JSON.parse(await cruise()).summary.violations;
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the import rules', () => {
  it.each(Object.entries(faults))('%s catches its planted fault', (rule, { file }) => {
    expect(violations.filter((violation) => violation.rule.name === rule).map(({ from }) => from)).toContain(
      file,
    );
  });

  it('leave innocent files alone', () => {
    const guilty = new Set(Object.values(faults).map(({ file }) => file));
    const others = violations.filter(({ from, rule }) => !guilty.has(from) && rule.name !== 'no-cycles');
    expect(others).toEqual([]);
  });

  it('are all planted here', async () => {
    const { default: config } = await import('./import-rules.cjs');
    expect(config.forbidden).toHaveLength(Object.keys(faults).length);
  });
});
