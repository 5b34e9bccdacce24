import { describe, expect, test } from 'vitest';
import { until } from '../../testing/until.ts';
import { slowly, usePlace, type OpenedCluster } from '../testing/contract-place.ts';
import { conditionOf, numberIn, stringIn, valueIn } from '../testing/read-object.ts';

/** Pods that do not come, or do not stay, and what Kubernetes says of them: the platform tells it in its own words. */
export const troublesContract = (opened: () => OpenedCluster): void => {
  describe('a pod', () => {
    const use = usePlace(opened);
    const apply = (app: string, container: object, pod: object = {}) =>
      use().cluster.apply(use().deployment(app, container, pod));
    const statusOf = (app: string) => valueIn(use().list('Pod', app)[0], 'status', 'containerStatuses', 0);

    test('whose image cannot be pulled waits for it, and an event knows why', async () => {
      // A name that no registry can ever have (RFC 2606).
      const image = 'registry.invalid/shop:does-not-exist';
      await apply('unpullable', { image });
      const found = await use().diagnosis('unpullable', 'image_pull_failed', ({ isVague }) => !isVague);
      expect(found.message).toContain(`cannot resolve the name of the registry of ${image}`);
      expect(found.subject).toBe('main');
      await use().see(
        () =>
          stringIn(statusOf('unpullable'), 'state', 'waiting', 'reason') === 'ImagePullBackOff' || undefined,
      );
      expect(use().list('Pod', 'unpullable')[0]).toMatchObject({ status: { phase: 'Pending' } });
    });

    test('whose image has no proper name is never tried', async () => {
      await apply('misnamed', { image: 'No Image' });
      const found = await use().diagnosis('misnamed', 'image_pull_failed');
      expect(found).toMatchObject({ patienceMs: 0, message: expect.stringContaining('No Image') });
    });

    test('whose container ends again and again tells how and how often, and keeps its last words', async () => {
      await apply('crashing', { command: ['cat', '/missing', '/absent'] });
      const found = await use().diagnosis('crashing', 'crash_loop', ({ log }) => (log?.ends ?? 0) >= 2);
      expect(found.message).toContain('main ended 2 times, last with Error (exit code 1).');
      await use().see(
        () =>
          stringIn(statusOf('crashing'), 'state', 'waiting', 'reason') === 'CrashLoopBackOff' || undefined,
      );
      expect(statusOf('crashing')).toMatchObject({
        ready: false,
        lastState: { terminated: { exitCode: 1, reason: 'Error' } },
      });
      const log = { namespace: use().name, name: found.log?.pod ?? '', container: 'main' };
      const words = ['/missing', '/absent'].map((path) => `cat: ${path}: No such file or directory`);
      expect(await use().cluster.logs(log, 10)).toEqual(words);
      expect(await use().cluster.logs(log, 1)).toEqual(words.slice(1));
      // The run before may just have been swept away, and is another one a moment later.
      const previous = async () => (await use().cluster.logs({ ...log, previous: true }, 10)).join('\n');
      await until('the run before', async () => (await previous()) === words.join('\n'), slowly);
    });

    test('whose container ends well does not stay either', async () => {
      await apply('done', { command: ['true'] });
      const found = await use().diagnosis('done', 'crash_loop');
      expect(found.message).toContain('Completed (exit code 0)');
    });

    test('whose preparation fails does not begin', async () => {
      const { image } = use();
      const resources = { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '500m', memory: '64Mi' } };
      const initContainers = [{ name: 'prepare', image, command: ['cat', '/missing'], resources }];
      await apply('unprepared', {}, { initContainers });
      const found = await use().diagnosis('unprepared', 'preparation_failed');
      expect(found).toMatchObject({ subject: 'prepare', log: { container: 'prepare' } });
      const log = { namespace: use().name, name: found.log?.pod ?? '', container: 'prepare' };
      expect(await use().cluster.logs(log, 10)).toEqual(['cat: /missing: No such file or directory']);
      expect(use().list('Pod', 'unprepared')[0]).toMatchObject({ status: { phase: 'Pending' } });
      expect(statusOf('unprepared')).toMatchObject({ state: { waiting: { reason: 'PodInitializing' } } });
    });

    test('whose container wants more memory than it may have is killed, and that is the reason', async () => {
      // Reads an endless line, and keeps it.
      await apply('greedy', { command: ['tail', '/dev/zero'] });
      const found = await use().diagnosis('greedy', 'out_of_memory');
      expect(found.message).toContain('main ran out of memory and was killed (its limit is 64Mi)');
    });

    test('whose program does not exist cannot be started', async () => {
      await apply('programless', { command: ['no-such-program'] });
      const found = await use().diagnosis(
        'programless',
        'cluster_rejected',
        ({ subject }) => subject === 'main',
      );
      expect(found.message).toMatch(
        /^main cannot be started: .*"no-such-program": executable file not found/,
      );
    });

    test('that no node has room for says what is missing', async () => {
      await apply('huge', { resources: { requests: { cpu: '100k' }, limits: { cpu: '100k' } } });
      const found = await use().diagnosis('huge', 'unschedulable');
      expect(found.message).toMatch(/^No node has enough cpu left for the pod: 0\/\d+ nodes are available: /);
      expect(conditionOf(use().list('Pod', 'huge')[0], 'PodScheduled')).toMatchObject({
        status: 'False',
        reason: 'Unschedulable',
      });
      expect(await use().event('huge', 'FailedScheduling')).toMatchObject({ type: 'Warning' });
    });

    test('waits for its Secret, names it, and goes on when it is there', async () => {
      const valueFrom = { secretKeyRef: { name: 'late', key: 'password' } };
      await apply('secretless', { env: [{ name: 'PASSWORD', valueFrom }] });
      const found = await use().diagnosis('secretless', 'cluster_rejected', ({ message }) =>
        /secret/.test(message),
      );
      expect(found.message).toBe('main cannot be set up: secret "late" not found');
      await use().cluster.create(use().object('Secret', 'late', { data: { password: 'MQ==' } }));
      await use().see(
        () =>
          numberIn(
            use().cluster.watch.find('Deployment', use().name, 'secretless'),
            'status',
            'readyReplicas',
          ) === 1 || undefined,
      );
    });

    test('waits for its ConfigMap, and an event names it', async () => {
      const volumes = [{ name: 'recipe', configMap: { name: 'recipe' } }];
      await apply('unmounted', { volumeMounts: [{ name: 'recipe', mountPath: '/recipe' }] }, { volumes });
      const found = await use().diagnosis('unmounted', 'volume_pending');
      expect(found.message).toBe(
        'A volume of the pod cannot be mounted: MountVolume.SetUp failed for volume "recipe" : configmap "recipe" not found',
      );
      await use().see(
        () =>
          stringIn(statusOf('unmounted'), 'state', 'waiting', 'reason') === 'ContainerCreating' || undefined,
      );
    });

    test('tells how it came about', async () => {
      await use().run(use().deployment('healthy'));
      const reasons = await until(
        'the story',
        async () => {
          const told = (await use().cluster.events(use().name)).filter((event) =>
            stringIn(event, 'involvedObject', 'name').startsWith('healthy'),
          );
          const found = new Set(told.map((event) => stringIn(event, 'reason')));
          return (
            ['ScalingReplicaSet', 'SuccessfulCreate', 'Scheduled', 'Started'].every((reason) =>
              found.has(reason),
            ) && found
          );
        },
        slowly,
      );
      expect(reasons.has('Failed')).toBe(false);
    });
  });
};
