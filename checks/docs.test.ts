import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Finding } from '../shared/src/contract/finding.ts';
import { problems } from '../shared/src/contract/problem.ts';
import { readSettings, Settings } from '../shared/src/config/settings.ts';
import { RecordedResults, withFigures } from '../tests/faults/recorded-results.ts';

const root = resolve(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const filesBelow = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ['node_modules', 'dist'].includes(entry.name) ? [] : filesBelow(path);
    return [path];
  });

const productSources = ['shared', 'services', 'dashboard']
  .flatMap(filesBelow)
  .filter((path) => /\.([cm]?[jt]sx?|sql|php|sh)$/.test(path));

const pages = ['README.md', 'CONTRIBUTING.md', ...filesBelow('docs').filter((path) => path.endsWith('.md'))];

/** @returns what the first group of each match holds. */
const matches = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, found = '']) => found);

describe('.env.example', () => {
  /** Set by `npm start` for its children, or by Kubernetes for its pods. */
  const notForPeople = new Set(['EMULATOR_KUBECONFIG', 'DATABASE_EMBEDDED', 'KUBERNETES_SERVICE_HOST']);
  const example = read('.env.example');

  it('explains every setting that people may set, and no other', () => {
    const settings = Object.keys(Settings.shape).filter((name) => !notForPeople.has(name));
    expect(matches(example, /^# ([A-Z0-9_]+)=/gm).toSorted()).toEqual(settings.toSorted());
  });

  it('shows the defaults: taken as it stands, it changes nothing', () => {
    const taken = parseEnv(example.replaceAll(/^# (?=[A-Z0-9_]+=)/gm, ''));
    expect(Object.keys(taken).length).toBeGreaterThan(20);
    expect(readSettings(taken)).toEqual(readSettings({}));
  });

  it('changes nothing when it is copied', () => {
    expect(parseEnv(example)).toEqual({});
  });
});

interface Link {
  readonly page: string;
  readonly text: string;
  readonly target: string;
}

/** Code is no prose: what looks like a link there is none. */
const withoutCode = (text: string): string =>
  text.replaceAll(/^```[^]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]()]/g, ' '));

const links: readonly Link[] = pages.flatMap((page) =>
  [...withoutCode(read(page)).matchAll(/\[([^\]]*)\]\(([^)\s]+)\)/g)].map(([, text = '', target = '']) => ({
    page,
    text,
    target,
  })),
);
const localLinks = links.filter(({ target }) => !/^[a-z]+:/.test(target));

/** As GitHub makes them of headings. */
const anchorsOf = (page: string): string[] =>
  matches(read(page), /^#{1,6} +(.+)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
      .replaceAll(' ', '-'),
  );

const fileOf = ({ page, target }: Link): string => {
  const [path = ''] = target.split('#');
  return path === '' ? page : join(dirname(page), path);
};

describe('the pages', () => {
  it('link to files and headings that are there', () => {
    expect(localLinks.length).toBeGreaterThan(50);
    const broken = localLinks.filter((link) => {
      const file = fileOf(link);
      const anchor = link.target.split('#')[1];
      if (!existsSync(join(root, file))) return true;
      return anchor !== undefined && !anchorsOf(file).includes(anchor);
    });
    expect(broken.map(({ page, target }) => `${page}: ${target}`)).toEqual([]);
  });

  it('name paths of this repository that are there', () => {
    const named = pages.flatMap((page) =>
      matches(
        read(page),
        /`((?:services|shared|dashboard|docs|checks|tests|bench)\/[\w./-]*\w\/?)(?=[`\s])/g,
      ).map((path) => ({ page, path })),
    );
    expect(named.length).toBeGreaterThan(20);
    const missing = named.filter(({ path }) => !path.includes('NNN') && !existsSync(join(root, path)));
    expect(missing.map(({ page, path }) => `${page}: ${path}`)).toEqual([]);
  });

  it('name tests by the titles that these have', () => {
    const tests = localLinks.filter(({ text }) => text.startsWith('“'));
    expect(tests.length).toBeGreaterThan(15);
    const unknown = tests.filter((link) => !read(fileOf(link)).includes(link.text.slice(1, -1)));
    expect(unknown.map(({ page, text }) => `${page}: ${text}`)).toEqual([]);
  });

  it('name scripts that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json'));
    const own = new Set(['install', 'ci']);
    const named = pages.flatMap((page) =>
      matches(read(page), /(?:`|&& |^)npm (?:run )?([a-z][a-z:-]*)/gm).map((name) => ({ page, name })),
    );
    expect(named.length).toBeGreaterThan(10);
    const missing = named.filter(({ name }) => !own.has(name) && !(name in scripts));
    expect(missing.map(({ page, name }) => `${page}: npm run ${name}`)).toEqual([]);
  });

  it('quote the log as it is written', () => {
    const quoted = matches(read('docs/operations.md'), /^\| (“.+?”) \|/gm).flatMap((cell) =>
      matches(cell, /“([^”]+)”/g),
    );
    expect(quoted.length).toBeGreaterThan(5);
    const sources = productSources.map(read).join('');
    expect(quoted.filter((sentence) => !sources.includes(`'${sentence}'`))).toEqual([]);
  });

  it('name the codes of refusals, failures and findings as they are', () => {
    const named = matches(read('docs/operations.md'), /^\| (`[a-z_]+`(?:, `[a-z_]+`)*) \|/gm).flatMap(
      (cell) => matches(cell, /`([a-z_]+)`/g),
    );
    expect(named.length).toBeGreaterThan(10);
    const codes = new Set<string>([...Object.keys(problems), ...Finding.shape.code.options]);
    expect(named.filter((code) => !codes.has(code))).toEqual([]);
  });

  it('name settings that there are', () => {
    const prefixes =
      /`((?:HOST|PORT|NODE_ENV|WORKERS|(?:DASHBOARD|INGRESS|DATA|DATABASE|DB|REDIS|KUBE|STORE|CLUSTER|CORS|API|LOG|MAX|WORKER|EMULATOR)_[A-Z_]+))(?=[=`])/g;
    const named = pages.flatMap((page) => matches(read(page), prefixes).map((name) => ({ page, name })));
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter(({ name }) => !(name in Settings.shape))).toEqual([]);
  });
});

describe('the page about reliability', () => {
  const page = read('docs/reliability.md');

  it('has the figures that were recorded, and no others', () => {
    const results = RecordedResults.parse(JSON.parse(read('docs/reliability.json')));
    expect(results.grids).not.toEqual([]);
    expect(withFigures(page, results)).toBe(page);
  });

  it('tells of each promise how it is kept, and which test or grid holds it', () => {
    const [promises = ''] = page.split('## The figures');
    const told = promises.split(/^(?=\d+\. \*\*)/m).slice(1);
    expect(told).toHaveLength(10);
    expect(told.filter((text) => !/\]\(\.\.\/[\w./-]+\.ts\)/.test(text))).toEqual([]);
  });
});

describe('the decision records', () => {
  const folder = 'docs/decisions';
  const records = readdirSync(join(root, folder)).filter((name) => name !== 'README.md');
  const index = read(`${folder}/README.md`);

  it('are named NNN-title.md, numbered from 001 without a gap', () => {
    expect(records.filter((name) => !/^\d{3}-[a-z0-9-]+\.md$/.test(name))).toEqual([]);
    const numbers = records.toSorted().map((name) => Number(name.slice(0, 3)));
    expect(numbers).toEqual(numbers.map((_, position) => position + 1));
  });

  it('hold at most 40 lines: context, decision, consequences', () => {
    const headings = ['## Context', '## Decision', '## Consequences'];
    const wrong = records.filter((name) => {
      const lines = read(`${folder}/${name}`).trimEnd().split('\n');
      const parts = lines.filter((line) => line.startsWith('## '));
      return lines.length > 40 || parts.join() !== headings.join();
    });
    expect(wrong).toEqual([]);
  });

  it('stand in the index under their own titles', () => {
    const entries = records.map((name) => {
      const [title = ''] = matches(read(`${folder}/${name}`), /^# (.+)$/gm);
      return `[${title}](${name})`;
    });
    expect(entries.filter((entry) => !index.includes(entry))).toEqual([]);
  });

  it('are there when a source names them', () => {
    const named = productSources.flatMap((path) =>
      matches(read(path), /docs\/decisions\/(\d{3}-[a-z0-9-]+\.md)/g).map((name) => ({ path, name })),
    );
    expect(named.length).toBeGreaterThan(1);
    expect(named.filter(({ name }) => !records.includes(name))).toEqual([]);
  });
});
