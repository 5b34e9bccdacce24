import { beforeAll, describe, expect, test } from 'vitest';
import { patience, patienceMs, usePlace, type OpenedCluster } from '../testing/contract-place.ts';

const words = ['$(HOME)', '"quoted"', "it's", '& ; |', 'für 😀'];

/** Commands in a container, and what it sees of its ConfigMap and its Secret. */
export const commandsContract = (opened: () => OpenedCluster): void => {
  describe('a command', () => {
    const use = usePlace(opened);
    let pod: string;

    beforeAll(async () => {
      const { cluster, object, deployment } = use();
      await cluster.apply(
        object('ConfigMap', 'recipe', { data: { 'recipe.json': '{"name":"für $(HOME)"}\nlast' } }),
      );
      await cluster.create(
        object('Secret', 'credentials', { data: { password: Buffer.from('P@ss "1"').toString('base64') } }),
      );
      const env = [
        { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'credentials', key: 'password' } } },
        { name: 'PLAIN', value: 'text' },
      ];
      const container = { env, volumeMounts: [{ name: 'recipe', mountPath: '/recipe', readOnly: true }] };
      const volumes = [{ name: 'recipe', configMap: { name: 'recipe' } }];
      pod = await use().run(deployment('shop', container, { volumes }));
      // No node has so much: it stays without one.
      const resources = { requests: { cpu: '100k' }, limits: { cpu: '100k' } };
      await cluster.apply(deployment('homeless', { resources }));
    }, patienceMs);

    const run = async (
      command: string[],
      where: { pod?: string; container?: string; signal?: AbortSignal } = {},
    ) => {
      const lines: string[] = [];
      const result = await use().cluster.exec({
        namespace: use().name,
        pod,
        container: 'main',
        signal: patience(),
        ...where,
        command,
        onLine: (line) => lines.push(line),
      });
      return { ...result, lines };
    };

    test('gets its arguments as they are', async () => {
      expect(await run(['echo', ...words])).toMatchObject({ exitCode: 0, lines: [words.join(' ')] });
    });

    test('tells its exit code', async () => {
      expect(await run(['true'])).toMatchObject({ exitCode: 0 });
      expect(await run(['false'])).toMatchObject({ exitCode: 1 });
      expect(await run(['env', 'no-such-program'])).toMatchObject({ exitCode: 127 });
    });

    test('brings its output line by line, and what it says of its errors apart from that', async () => {
      expect(await run(['cat', '/recipe/recipe.json', '/recipe/missing'])).toEqual({
        exitCode: 1,
        lines: ['{"name":"für $(HOME)"}', 'last'],
        stderr: expect.stringContaining('/recipe/missing: No such file or directory'),
      });
    });

    test('sees the container’s environment, with the values of its Secret', async () => {
      const { lines } = await run(['env']);
      expect(lines).toEqual(expect.arrayContaining(['PLAIN=text', 'PASSWORD=P@ss "1"']));
    });

    test('runs as the user that setpriv makes it', async () => {
      const asShop = [
        'setpriv',
        '--reuid=33',
        '--regid=33',
        '--clear-groups',
        'env',
        'HOME=/tmp',
        'id',
        '-u',
      ];
      expect(await run(asShop)).toMatchObject({ exitCode: 0, lines: ['33'] });
    });

    test('that does not exist could not be run', async () => {
      await expect(run(['no-such-program'])).rejects.toMatchObject({
        code: 'exec_failed',
        message: expect.stringContaining('no-such-program'),
      });
    });

    test('that runs is left when it is aborted', async () => {
      const aborting = new AbortController();
      const running = run(['sleep', '60'], { signal: aborting.signal });
      aborting.abort(new Error('its lease ran out'));
      await expect(running).rejects.toThrow('its lease ran out');
    });

    test('can be tried again where there is no such pod, no such container, or no node for it yet', async () => {
      const again = { code: 'cluster_away', retryable: true };
      await expect(run(['true'], { pod: 'shop-gone' }), 'no pod').rejects.toMatchObject(again);
      await expect(run(['true'], { container: 'other' }), 'no container').rejects.toMatchObject(again);
      const homeless = await use().see(() => use().list('Pod', 'homeless')[0]?.metadata.name);
      await expect(run(['true'], { pod: homeless }), 'no node').rejects.toMatchObject(again);
    });

    test('does not outlive its pod, and does not end as if it were done', async () => {
      const { cluster, name, ref, list, see } = use();
      const volumes = [{ name: 'recipe', configMap: { name: 'recipe' } }];
      const container = { volumeMounts: [{ name: 'recipe', mountPath: '/recipe' }] };
      const doomed = await use().run(use().deployment('doomed', container, { volumes }));
      let begin = () => {};
      const begun = new Promise<void>((resolve) => (begin = resolve));
      const ended = cluster
        .exec({
          namespace: name,
          pod: doomed,
          container: 'main',
          command: ['tail', '-f', '/recipe/recipe.json'],
          signal: patience(),
          onLine: () => begin(),
        })
        .then(
          ({ exitCode }) => exitCode,
          (error: unknown) => error,
        );
      await begun;
      const uid = list('Pod', 'doomed').find(({ metadata }) => metadata.name === doomed)?.metadata.uid ?? '';
      await cluster.delete(ref('Pod', doomed), uid);
      await see(() => !list('Pod', 'doomed').some(({ metadata }) => metadata.uid === uid) || undefined);
      expect(await ended).not.toBe(0);
    });
  });
};
