import type { ServerResponse } from 'node:http';
import type { Faults } from '../faults/faults.ts';
import type { MemoryObjectStore, VersionedChange } from '../objects/memory-object-store.ts';
import { KubeStatusError } from '../objects/kube-status-error.ts';
import type { KubeObject } from '../objects/object-store.ts';
import { apiVersionOf } from '../objects/resources.ts';
import { selectorOf } from './selectors.ts';
import type { Target } from './target.ts';
import { toTable } from './tables.ts';

const bookmarkEveryMs = 15_000;
const longestSeconds = 3600;

interface Told {
  readonly told: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
  readonly previous: KubeObject | undefined;
}

/**
 * Streams changes as lines of JSON: from a version if one is named, else from what is there now. An object that stops
 * matching the selector is told as deleted.
 * @throws KubeStatusError 410 when the version lies before what is remembered
 */
export const streamChanges = (
  { store, faults }: { readonly store: MemoryObjectStore; readonly faults: Pick<Faults, 'takeInStream'> },
  target: Target,
  query: URLSearchParams,
  response: ServerResponse,
  asTable: boolean,
): void => {
  const matches = selectorOf(query);
  const from = query.get('resourceVersion');
  const resume = from !== null && from !== '' && from !== '0';
  const backlog = resume ? store.changesAfter(Number(from)) : [];
  if (!backlog) {
    throw new KubeStatusError(410, 'Expired', `too old resource version: ${from} (${store.version()})`);
  }
  response.writeHead(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' });
  response.flushHeaders();

  let isSilent = false;
  const send = (type: string, object: unknown) =>
    isSilent || response.write(`${JSON.stringify({ type, object })}\n`);
  const tell = (type: string, object: KubeObject) =>
    send(
      type,
      asTable
        ? toTable(target.resource, [object], { resourceVersion: object.metadata.resourceVersion })
        : object,
    );
  const take = ({ type, resource, object, previous }: VersionedChange) => {
    if (resource.plural !== target.resource.plural || resource.group !== target.resource.group) return;
    if (target.namespace !== undefined && object.metadata.namespace !== target.namespace) return;
    if (target.name !== undefined && object.metadata.name !== target.name) return;
    const before = previous !== undefined && matches(previous);
    const now = type !== 'DELETED' && matches(object);
    if (!now && !before) return;
    spoil({ told: now ? (before ? 'MODIFIED' : 'ADDED') : 'DELETED', object, previous });
  };
  let late: (() => void)[] = [];
  const tellLate = () => {
    const held = late;
    late = [];
    for (const each of held) each();
  };
  const spoil = ({ told, object, previous = object }: Told) => {
    const namespace = object.metadata.namespace ?? object.metadata.name;
    const effect = faults.takeInStream({ resource: target.resource.plural, namespace });
    if (effect === 'expire')
      send('ERROR', new KubeStatusError(410, 'Expired', 'too old resource version').toStatus());
    isSilent ||= effect === 'silence' || effect === 'drop' || effect === 'expire';
    if (effect === 'drop') response.destroy();
    if (effect === 'expire') response.end();
    if (effect === 'late') {
      late.push(() => tell(told, object));
      return;
    }
    tell(told, object);
    if (effect === 'duplicate') tell(told, object);
    if (effect === 'stale') tell('MODIFIED', previous);
    tellLate();
  };

  const bookmark = () => {
    tellLate();
    if (query.get('allowWatchBookmarks') !== 'true') return;
    const { kind } = target.resource;
    const metadata = { resourceVersion: String(store.version()), creationTimestamp: null };
    send('BOOKMARK', { kind, apiVersion: apiVersionOf(target.resource), metadata });
  };
  const bookmarks = setInterval(bookmark, bookmarkEveryMs);
  const seconds = Math.min(Number(query.get('timeoutSeconds')) || longestSeconds, longestSeconds);
  const end = setTimeout(() => {
    bookmark();
    // Before it closes, which a slow reader may put off: what is written after the end is an error.
    stop();
    response.end();
  }, seconds * 1000);
  let unsubscribe = () => {};
  const stop = () => {
    unsubscribe();
    clearInterval(bookmarks);
    clearTimeout(end);
  };
  response.on('close', stop);
  if (!resume) {
    for (const object of store.list(target.resource, target.namespace).filter(matches)) {
      if (target.name === undefined || target.name === object.metadata.name) tell('ADDED', object);
    }
  }
  backlog.forEach(take);
  if (!response.writableEnded && !response.destroyed) unsubscribe = store.follow(take);
};
