import { describe, expect, test } from 'vitest';
import { installationLabel } from '../cluster-watch.ts';
import { usePlace, type OpenedCluster, type Place } from '../testing/contract-place.ts';
import { conditionOf, listIn, numberIn, stringIn, valueIn } from '../testing/read-object.ts';

/** From a deployment to pods that serve. */
export const deploymentsContract = (opened: () => OpenedCluster): void => {
  describe('a deployment', () => {
    const use = usePlace(opened);
    const ready = (app: string) => numberIn(statusOf(use(), app), 'readyReplicas');

    test('is seen to its replica set and its pod, whose labels are those of its template', async () => {
      const pod = await use().run(use().deployment('labelled'));
      const { list, installationId } = use();
      expect(list('Pod', 'labelled').map(({ metadata }) => metadata.name)).toEqual([pod]);
      for (const kind of ['Deployment', 'ReplicaSet', 'Pod'] as const) {
        const [found] =
          kind === 'Deployment' ? use().cluster.watch.list(kind, use().name) : list(kind, 'labelled');
        expect(found?.metadata.labels?.[installationLabel], kind).toBe(installationId);
      }
      expect(list('ReplicaSet', 'labelled')).toHaveLength(1);
    });

    test('says for which generation its figures are, and is changed without two pods at a time', async () => {
      const { cluster, deployment, list, name, see } = use();
      const first = await use().run(deployment('changing'));
      expect(statusOf(use(), 'changing')).toMatchObject({
        observedGeneration: 1,
        updatedReplicas: 1,
        readyReplicas: 1,
      });

      const applied = await cluster.apply(deployment('changing', { env: [{ name: 'A', value: '2' }] }));
      expect(applied.metadata.generation).toBe(2);
      let most = 0;
      await see(() => {
        most = Math.max(most, list('Pod', 'changing').length);
        const { observedGeneration, updatedReplicas, readyReplicas } = figuresOf(use(), 'changing');
        return observedGeneration === 2 && updatedReplicas === 1 && readyReplicas === 1 ? true : undefined;
      });
      expect(most, 'pods at a time').toBe(1);
      const [second] = list('Pod', 'changing');
      expect(second?.metadata.name).not.toBe(first);
      expect(cluster.watch.find('Deployment', name, 'changing')?.metadata.generation).toBe(2);
    });

    test('that somebody else scaled to nothing has no pods, and is back after the next apply', async () => {
      const { cluster, deployment, list, ref, see } = use();
      await use().run(deployment('scaled'));
      await use().patchAsOther(ref('Deployment', 'scaled'), { spec: { replicas: 0 } });
      await see(() => (list('Pod', 'scaled').length === 0 && ready('scaled') === 0) || undefined);
      expect(await cluster.apply(deployment('scaled'))).toMatchObject({ spec: { replicas: 1 } });
      await see(() => ready('scaled') === 1 || undefined);
    });

    test('replaces a pod that is deleted', async () => {
      const { cluster, deployment, list, ref, see } = use();
      const first = await use().run(deployment('replaced'));
      const uid = list('Pod', 'replaced')[0]?.metadata.uid ?? '';
      await cluster.delete(ref('Pod', first), uid);
      const second = await see(() =>
        list('Pod', 'replaced').find(
          (pod) => pod.metadata.uid !== uid && conditionOf(pod, 'Ready')?.status === 'True',
        ),
      );
      expect(second.metadata.name).not.toBe(first);
    });

    test('runs its init containers to their end, one after the other, before the pod runs', async () => {
      const image = use().image;
      const resources = { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '500m', memory: '64Mi' } };
      const initContainers = [
        { name: 'first', image, command: ['echo', 'one'], resources },
        { name: 'second', image, command: ['echo', 'two'], resources },
      ];
      const pod = await use().run(use().deployment('prepared', {}, { initContainers }));
      const found = use().list('Pod', 'prepared')[0];
      const ends = listIn(found, 'status', 'initContainerStatuses').map((status) => [
        stringIn(status, 'name'),
        stringIn(status, 'state', 'terminated', 'reason'),
        valueIn(status, 'state', 'terminated', 'exitCode'),
      ]);
      expect(ends).toEqual([
        ['first', 'Completed', 0],
        ['second', 'Completed', 0],
      ]);
      const ref = { namespace: use().name, name: pod };
      expect(await use().cluster.logs({ ...ref, container: 'second' }, 10)).toEqual(['two']);
      expect(await use().cluster.logs({ ...ref, container: 'main' }, 10)).toEqual([]);
      expect(await use().cluster.logs({ ...ref, name: 'gone', container: 'main' }, 10)).toEqual([]);
    });

    test('is reached through a service, which leads to its pods when they are ready', async () => {
      const { cluster, deployment, name, object, see } = use();
      const spec = {
        selector: { app: 'served' },
        ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }],
      };
      await cluster.apply(object('Service', 'served', { spec }));
      const pod = await use().run(deployment('served'));
      await see(() => ready('served') === 1 || undefined);
      const subset = await use().ask(`/api/v1/namespaces/${name}/endpoints/served`, (endpoints) =>
        listIn(endpoints, 'subsets').find((each) => listIn(each, 'addresses').length > 0),
      );
      expect(listIn(subset, 'addresses').map((address) => stringIn(address, 'targetRef', 'name'))).toEqual([
        pod,
      ]);
      expect(listIn(subset, 'ports').map((port) => [stringIn(port, 'name'), numberIn(port, 'port')])).toEqual(
        [['http', 8080]],
      );
    });

    test('whose container does not answer its readiness probe runs, is not ready, and an event says which probe', async () => {
      const { cluster, deployment, list, see } = use();
      const probe = { exec: { command: ['cat', '/not-yet'] }, periodSeconds: 1 };
      await cluster.apply(deployment('silent', { readinessProbe: probe }));
      const event = await use().event('silent', 'Unhealthy');
      expect(event).toMatchObject({
        type: 'Warning',
        involvedObject: { fieldPath: 'spec.containers{main}' },
      });
      expect(stringIn(event, 'message')).toMatch(
        /^Readiness probe failed: cat: \/not-yet: No such file or directory/,
      );
      // The event may be there before the watch has the pod's phase.
      const pod = await see(() =>
        list('Pod', 'silent').find((seen) => stringIn(seen, 'status', 'phase') === 'Running'),
      );
      expect(conditionOf(pod, 'Ready')?.status).toBe('False');
      expect(ready('silent')).toBe(0);
    });
  });
};

const statusOf = ({ cluster, name }: Place, app: string): unknown =>
  valueIn(cluster.watch.find('Deployment', name, app), 'status');

const figuresOf = (place: Place, app: string) => {
  const status = statusOf(place, app);
  const figure = (name: string) => numberIn(status, name);
  return {
    observedGeneration: figure('observedGeneration'),
    updatedReplicas: figure('updatedReplicas'),
    readyReplicas: figure('readyReplicas'),
  };
};
