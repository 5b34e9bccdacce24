import { describe, expect, test } from 'vitest';
import { managedByLabel } from '../cluster-watch.ts';
import { collectionPath, parseKubeList } from '../kube-object.ts';
import { patience, usePlace, type OpenedCluster, type Place } from '../testing/contract-place.ts';
import { stringIn, valueIn } from '../testing/read-object.ts';

/** The one watch of a worker, and what it is made of. */
export const watchingContract = (opened: () => OpenedCluster): void => {
  describe('watching', () => {
    const use = usePlace(opened);
    const claim = (name: string, labels = {}) => {
      const manifest = use().object('PersistentVolumeClaim', name, {
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
      });
      return {
        ...manifest,
        metadata: { ...manifest.metadata, labels: { ...manifest.metadata.labels, ...labels } },
      };
    };
    const seen = (name: string) => use().cluster.watch.find('PersistentVolumeClaim', use().name, name);

    test('the watch sees what is new, what changes and what goes', async () => {
      const { metadata } = await use().cluster.apply(claim('seen'));
      expect((await use().see(() => seen('seen'))).metadata.uid).toBe(metadata.uid);
      await use().cluster.apply(claim('seen', { app: 'shop' }));
      await use().see(() => seen('seen')?.metadata.labels?.['app']);
      await use().cluster.delete(use().ref('PersistentVolumeClaim', 'seen'), metadata.uid);
      await use().see(() => !seen('seen') || undefined);
    });

    test('what carries no label of the platform, or loses it, is not seen', async () => {
      await use().cluster.apply({
        ...claim('foreign'),
        metadata: { name: 'foreign', namespace: use().name },
      });
      await use().cluster.apply(claim('disowned'));
      await use().see(() => seen('disowned'));
      await use().patchAsOther(use().ref('PersistentVolumeClaim', 'disowned'), {
        metadata: { labels: { [managedByLabel]: 'somebody-else' } },
      });
      await use().see(() => !seen('disowned') || undefined);
      expect(seen('foreign')).toBeUndefined();
    });

    test('a stream brings changes in their order, and a later one goes on where it was left', async () => {
      const config = (data: string) => use().object('ConfigMap', 'changing', { data: { data } });
      const from = await versionNow(use());
      const made = await use().cluster.apply(config('1'));
      await use().cluster.apply(config('2'));
      await use().cluster.delete(use().ref('ConfigMap', 'changing'), made.metadata.uid);
      const events = await eventsFrom(use(), from, 3);
      expect(events.map(({ type, data }) => [type, data])).toEqual([
        ['ADDED', '1'],
        ['MODIFIED', '2'],
        ['DELETED', '2'],
      ]);
      expect(events[0]?.version).toBe(made.metadata.resourceVersion);
      const versions = events.map(({ version }) => Number(version));
      expect(versions).toEqual(versions.toSorted((a, b) => a - b));
      expect(await eventsFrom(use(), made.metadata.resourceVersion, 2)).toEqual(events.slice(1));
    });

    test('a stream ends in good order when its time is over', async () => {
      const from = await versionNow(use());
      const query = `watch=1&resourceVersion=${from}&timeoutSeconds=1`;
      const response = await use().http.open(`${pathOf(use())}?${query}`, patience());
      for await (const chunk of response.setEncoding('utf8')) expect(chunk).not.toContain('"ERROR"');
      expect(response.complete).toBe(true);
    });
  });
};

const pathOf = ({ name }: Place) => collectionPath('ConfigMap', name);

const versionNow = async (place: Place): Promise<string> =>
  parseKubeList(await place.http.call({ method: 'GET', path: pathOf(place), repeatable: true }))
    .resourceVersion;

interface Told {
  readonly type: string;
  readonly version: string;
  readonly data: unknown;
}

/** Reads a stream until it has told of the ConfigMap `changing` so many times: clusters put ConfigMaps of their own into a namespace. */
const eventsFrom = async (place: Place, version: string, count: number): Promise<Told[]> => {
  const query = `watch=1&resourceVersion=${version}&timeoutSeconds=60`;
  const response = await place.http.open(`${pathOf(place)}?${query}`, patience());
  const told: Told[] = [];
  let rest = '';
  for await (const chunk of response.setEncoding('utf8')) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const event: unknown = JSON.parse(line);
      if (stringIn(event, 'object', 'metadata', 'name') !== 'changing') continue;
      told.push({
        type: stringIn(event, 'type'),
        version: stringIn(event, 'object', 'metadata', 'resourceVersion'),
        data: valueIn(event, 'object', 'data', 'data'),
      });
    }
    if (told.length >= count) break;
  }
  return told;
};
