import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, extname, join, posix, sep } from 'node:path';

/** Who answers a request. */
export type ShopRoute =
  | { readonly kind: 'file'; readonly path: string }
  /** `script` is below the docroot and begins with a slash; `pathInfo` is what followed it in the address. */
  | { readonly kind: 'script'; readonly script: string; readonly pathInfo: string }
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'refused' };

/** What a browser may fetch as it lies there. No PHP, no logs, no dumps, no keys. */
const staticTypes: ReadonlySet<string> = new Set(
  (
    'css js mjs map json txt html xml xsl pdf zip csv md ' +
    'png jpg jpeg gif svg webp avif ico bmp ' +
    'woff woff2 ttf otf eot mp3 mp4 m4a ogg ogv wav webm mov'
  )
    .split(' ')
    .map((name) => `.${name}`),
);

const frontController: ShopRoute = { kind: 'script', script: '/index.php', pathInfo: '' };
const refused: ShopRoute = { kind: 'refused' };

/**
 * Plays the web server in front of PHP, as Apache does in the official image: files as they lie there, scripts to PHP,
 * everything else to WordPress.
 * @param docroot real path of the shop's folder
 * @param url path and query as the visitor sent them
 */
export const routeRequest = async (docroot: string, url: string): Promise<ShopRoute> => {
  const [rawPath = '/', query] = url.split(/\?(.*)/s);
  const path = decode(rawPath);
  if (path === undefined || isHidden(path)) return refused;
  const found = await look(docroot, path);
  if (found?.isDirectory()) {
    const location = `${rawPath}/${query === undefined ? '' : `?${query}`}`;
    // A second slash at the front would lead to another host.
    if (!path.endsWith('/')) return { kind: 'redirect', location: location.replace(/^\/+/, '/') };
    const script = posix.join(path, 'index.php');
    return (await look(docroot, script))?.isFile()
      ? { kind: 'script', script, pathInfo: '' }
      : frontController;
  }
  const inner = scriptIn(path);
  if (inner && (await look(docroot, inner.script))?.isFile()) {
    return isUpload(inner.script) ? refused : { kind: 'script', ...inner };
  }
  if (!found?.isFile()) return frontController;
  if (!staticTypes.has(extname(path).toLowerCase()) || (await isClosed(docroot, path))) return refused;
  const file = await realpath(join(docroot, path));
  return file.startsWith(`${docroot}${sep}`) ? { kind: 'file', path: file } : refused;
};

const decode = (path: string): string | undefined => {
  try {
    const decoded = decodeURIComponent(path);
    if (!decoded.startsWith('/') || /[\0\\]/.test(decoded)) return undefined;
    return posix.normalize(decoded);
  } catch {
    return undefined;
  }
};

/** Dotfiles, and the database with all that lies beside it. */
const isHidden = (path: string): boolean =>
  /\/\.(?!well-known(\/|$))/.test(path) || /^\/wp-content\/database(\/|$)/i.test(path);

const isUpload = (path: string): boolean => /^\/wp-content\/uploads\//i.test(path);

/** `/script.php/more` runs the script, too. */
const scriptIn = (path: string): { script: string; pathInfo: string } | undefined => {
  const [, script, pathInfo] = /^(.*?\.php)(\/.*)?$/is.exec(path) ?? [];
  return script === undefined ? undefined : { script, pathInfo: pathInfo ?? '' };
};

const look = (docroot: string, path: string) => stat(join(docroot, path)).catch(() => undefined);

/** Plugins close their folders to Apache by a file: what customers paid for, and logs. */
const isClosed = async (docroot: string, path: string): Promise<boolean> => {
  for (let folder = dirname(path); folder !== '/' && folder !== '.'; folder = dirname(folder)) {
    const rules = await readFile(join(docroot, folder, '.htaccess'), 'utf8').catch(() => '');
    if (/^\s*(deny from all|require all denied)\s*$/im.test(rules)) return true;
  }
  return false;
};
