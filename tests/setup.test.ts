import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readWorkerConfig } from '@store-platform/shared/config/worker-config';
import { neededPrograms, useSetupFolder, type Fault, type SetupRun } from './run-setup.ts';

const written = [
  'DATABASE_URL=postgresql://postgres:postgres@127.0.0.1:5432/store_platform',
  'REDIS_URL=redis://127.0.0.1:6379',
  'KUBE_CONTEXT=kind-store-platform',
  'INGRESS_CLASS=traefik',
  'INGRESS_NAMESPACE=traefik',
];

/** What changed anything outside of its folder. */
const deedsOf = ({ calls }: SetupRun): string[] =>
  calls.filter((call) =>
    /^docker (compose (up|down)|start|unpause)|^kind (create|delete)| apply |^npm/.test(call),
  );

const expectToEndWell = (run: SetupRun) => expect(run.code, run.output).toBe(0);

const expectToFail = (run: SetupRun, ...sentences: string[]) => {
  expect(run.code, run.output).toBe(1);
  for (const sentence of sentences) expect(run.output).toContain(sentence);
};

describe('./setup.sh', () => {
  it('starts PostgreSQL and Redis, makes the cluster with its ingress controller, and installs the packages', async () => {
    const folder = await useSetupFolder();
    const run = await folder.run();
    expectToEndWell(run);
    expect(deedsOf(run)).toEqual([
      'docker compose up --detach --wait --wait-timeout 180',
      'kind create cluster --config kind-config.yaml --wait 180s',
      'kubectl --context kind-store-platform apply --filename ingress-controller.yaml',
      'npm ci --no-audit --no-fund',
    ]);
    expect(run.calls).toContain(
      'kubectl --context kind-store-platform --namespace traefik rollout status deployment/traefik --timeout=300s',
    );
  });

  it('writes settings that the platform takes', async () => {
    const folder = await useSetupFolder();
    expectToEndWell(await folder.run());
    const settings = parseEnv(await folder.read('.env'));
    expect(
      Object.entries(settings)
        .map((setting) => setting.join('='))
        .toSorted(),
    ).toEqual(written.toSorted());
    expect(readWorkerConfig(settings)).toMatchObject({
      cluster: { kind: 'context', name: 'kind-store-platform' },
      baseDomain: '127.0.0.1.nip.io',
      publicPort: 80,
      ingressClass: 'traefik',
      ingressNamespace: 'traefik',
      redisUrl: 'redis://127.0.0.1:6379',
    });
  });

  it('says what to do next and how to see that it works', async () => {
    const folder = await useSetupFolder();
    const { output } = await folder.run();
    for (const command of [
      'npm start         # then open http://localhost:3001',
      'kind get clusters',
      'kubectl get pods -n traefik',
      'curl http://localhost:3000/health',
      'curl -X POST http://localhost:3000/api/stores \\\n    -H "Content-Type: application/json" \\\n    -d \'{"name":"Test Store","type":"woocommerce"}\'',
      'kubectl get pods --all-namespaces --watch',
      'http://store-{id}.127.0.0.1.nip.io',
    ])
      expect(output).toContain(command);
    expect(output).not.toContain('--context kind-store-platform to the commands');
  });

  it('says these commands as they are true for the settings that are there', async () => {
    const folder = await useSetupFolder();
    await folder.write('.env', 'PORT=4000 # taken\nDASHBOARD_PORT="4001"\nAPI_TOKEN=long-enough-to-be-one\n');
    await folder.fault('other-context');
    const { output } = await folder.run();
    expect(output).toContain('curl http://localhost:4000/health');
    expect(output).toContain('http://localhost:4001');
    expect(output).toContain('Authorization: Bearer YOUR_TOKEN');
    expect(output).not.toContain('long-enough-to-be-one');
    expect(output).toContain('kubectl talks to "production" by default: add --context kind-store-platform');
  });

  it('changes nothing when it is run twice', async () => {
    const folder = await useSetupFolder();
    await folder.run();
    const settings = await folder.read('.env');
    const run = await folder.run();
    expectToEndWell(run);
    expect(run.calls.filter((call) => /^kind (create|delete|export)|^docker start|^npm/.test(call))).toEqual(
      [],
    );
    expect(await folder.read('.env')).toBe(settings);
    expect(run.output).not.toContain('already');
  });

  it('talks to its own context of kubectl and to no other', async () => {
    const folder = await useSetupFolder();
    await folder.fault('other-context');
    const { calls } = await folder.run();
    const asked = calls.filter(
      (call) => call.startsWith('kubectl') && !call.endsWith('config current-context'),
    );
    expect(asked.length).toBeGreaterThan(3);
    expect(asked.filter((call) => !call.startsWith('kubectl --context kind-store-platform '))).toEqual([]);
  });

  it.each([
    ['exited', 'docker start store-platform-control-plane'],
    ['paused', 'docker unpause store-platform-control-plane'],
  ])('starts a node that is %s again, with what is in it', async (state, command) => {
    const folder = await useSetupFolder();
    await folder.run();
    await folder.setNode(state);
    const run = await folder.run();
    expectToEndWell(run);
    expect(run.output).toContain(
      `the container store-platform-control-plane, is ${state}. It is started again.`,
    );
    expect(deedsOf(run)).toContain(command);
    expect(run.calls.filter((call) => /^kind (create|delete)/.test(call))).toEqual([]);
  });

  it('writes the context anew when the kubeconfig has lost it', async () => {
    const folder = await useSetupFolder();
    await folder.run();
    await folder.write('stub/contexts', '');
    const run = await folder.run();
    expectToEndWell(run);
    expect(run.calls).toContain('kind export kubeconfig --name store-platform');
  });

  it('makes a cluster anew that an interruption left half-made', async () => {
    const folder = await useSetupFolder();
    await folder.fault('killed-in-create');
    expect((await folder.run()).code).toBeNull();
    await folder.mend('killed-in-create');
    const run = await folder.run();
    expectToEndWell(run);
    expect(deedsOf(run).filter((call) => call.startsWith('kind'))).toEqual([
      'kind delete cluster --name store-platform',
      'kind create cluster --config kind-config.yaml --wait 180s',
    ]);
    expect(deedsOf(await folder.run()).filter((call) => call.startsWith('kind'))).toEqual([]);
  });

  it('keeps a cluster with shops, whatever was interrupted before', async () => {
    const folder = await useSetupFolder();
    await folder.fault('killed-in-create');
    expect((await folder.run()).code).toBeNull();
    await folder.mend('killed-in-create');
    await folder.write('stub/shops', 'namespace/store-ab3cd4ef\n');
    const run = await folder.run();
    expectToEndWell(run);
    expect(deedsOf(run).filter((call) => call.startsWith('kind'))).toEqual([]);
  });

  it('goes on where something failed', async () => {
    const folder = await useSetupFolder();
    await folder.fault('controller-not-ready');
    expect((await folder.run()).code).toBe(1);
    await folder.mend('controller-not-ready');
    const run = await folder.run();
    expectToEndWell(run);
    expect(deedsOf(run).filter((call) => call.startsWith('kind'))).toEqual([]);
  });
});

describe('./setup.sh on a machine that lacks something', () => {
  it('lists everything that is missing at once, each with a hint, and does nothing', async () => {
    const folder = await useSetupFolder({ programs: [] });
    const run = await folder.run();
    expectToFail(
      run,
      ...neededPrograms.map((program) => `✖ ${program} is not installed.\n      Debian, Ubuntu: `),
    );
    expect(run.output.match(/macOS: /g)).toHaveLength(neededPrograms.length);
    expect(folder.has('.env')).toBe(false);
  });

  it.each<[Fault, string]>([
    ['no-compose', 'docker has no `docker compose`.'],
    ['daemon-away', "Docker's daemon does not answer.\n      Debian, Ubuntu: sudo systemctl start docker"],
    ['daemon-closed', 'Docker does not let you in.\n      Linux: sudo usermod'],
    ['cgroup-v1', 'Docker uses cgroup v1'],
    ['old-kind', 'kind version 0.27.0 is too old for the node image in kind-config.yaml'],
    ['old-node', 'Node v18.20.4 is too old: Store Platform needs 20.19 or newer.'],
  ])('says so of %s, and does nothing', async (fault, sentence) => {
    const folder = await useSetupFolder();
    await folder.fault(fault);
    const run = await folder.run();
    expectToFail(run, sentence);
    expect(deedsOf(run)).toEqual([]);
  });

  it('names all ports that another program holds, and does nothing', async () => {
    const folder = await useSetupFolder();
    await folder.takePort(80);
    await folder.takePort(5432);
    const run = await folder.run();
    expectToFail(
      run,
      'Port 80 of 127.0.0.1 is taken by another program; it is for the shops.',
      'Port 5432 of 127.0.0.1 is taken by another program; it is for PostgreSQL.',
    );
    expect(deedsOf(run)).toEqual([]);
  });

  it('takes no offence at ports that its own containers hold', async () => {
    const folder = await useSetupFolder();
    await folder.run();
    for (const port of [80, 443, 5432, 6379]) await folder.takePort(port);
    expectToEndWell(await folder.run());
  });
});

describe('./setup.sh where a step fails', () => {
  it.each<[Fault, string]>([
    ['unhealthy', 'PostgreSQL or Redis did not start'],
    ['deaf-cluster', 'The cluster does not answer. See `docker logs store-platform-control-plane`'],
    ['apply-refused', 'The cluster did not take ingress-controller.yaml'],
    [
      'controller-not-ready',
      'The ingress controller is not ready after five minutes. See `kubectl --context',
    ],
  ])('stops with a sentence: %s', async (fault, sentence) => {
    const folder = await useSetupFolder();
    await folder.fault(fault);
    const run = await folder.run();
    expectToFail(run, sentence);
    expect(run.output).not.toContain('Everything is there');
    expect(run.calls).not.toContain('npm ci --no-audit --no-fund');
    expect(folder.has('.env')).toBe(false);
  });

  it('names a node that does not start, and what helps', async () => {
    const folder = await useSetupFolder();
    await folder.run();
    await folder.setNode('exited');
    await folder.fault('node-broken');
    expectToFail(
      await folder.run(),
      'The container store-platform-control-plane does not start. See `docker logs store-platform-control-plane`.',
      '`kind delete cluster --name store-platform`',
    );
  });
});

describe('.env, as ./setup.sh leaves it', () => {
  it('keeps every line that is there, in its place', async () => {
    const folder = await useSetupFolder();
    const before =
      '# mine\nPORT=4000\n\nREDIS_URL=redis://elsewhere:6379\n# KUBE_CONTEXT=\nexport INGRESS_CLASS="traefik"';
    await folder.write('.env', before);
    const run = await folder.run();
    expectToEndWell(run);
    const after = await folder.read('.env');
    expect(after.startsWith(`${before}\n`)).toBe(true);
    expect(
      after
        .slice(before.length)
        .split('\n')
        .filter((line) => /^\w/.test(line)),
    ).toEqual(written.filter((line) => !/^REDIS_URL|^INGRESS_CLASS/.test(line)));
    expect(run.output).toContain('It sets REDIS_URL already, to something else than redis://127.0.0.1:6379');
    expect(run.output).not.toContain('elsewhere');
    expect(run.output).not.toContain('It sets INGRESS_CLASS already');
  });

  it('leaves the database alone that DB_HOST names', async () => {
    const folder = await useSetupFolder();
    await folder.write('.env', 'DB_HOST=db.example.com\n');
    const { output } = await folder.run();
    expect(await folder.read('.env')).not.toContain('DATABASE_URL');
    expect(output).toContain('It names a PostgreSQL by DB_HOST already');
  });

  it('gets back a line that somebody deleted', async () => {
    const folder = await useSetupFolder();
    await folder.run();
    await folder.write('.env', (await folder.read('.env')).replace(/^KUBE_CONTEXT=.*\n/m, ''));
    await folder.run();
    expect(parseEnv(await folder.read('.env'))).toMatchObject({ KUBE_CONTEXT: 'kind-store-platform' });
  });
});

describe('./setup.sh --down', () => {
  it('takes everything back, and says what is lost', async () => {
    const folder = await useSetupFolder();
    await folder.run();
    const run = await folder.run('--down', '--yes');
    expectToEndWell(run);
    expect(deedsOf(run)).toEqual([
      'kind delete cluster --name store-platform',
      'docker compose down --volumes',
    ]);
    expect(run.output).toContain('with every shop in it, its products and its orders');
    expect(folder.has('.env')).toBe(false);
    expectToEndWell(await folder.run('--down', '--yes'));
  });

  it('deletes nothing where nobody can be asked', async () => {
    const folder = await useSetupFolder();
    await folder.run();
    const settings = await folder.read('.env');
    const run = await folder.run('--down');
    expectToFail(run, 'Nothing was deleted: nobody can be asked here. Add --yes if that is what you want.');
    expect(deedsOf(run)).toEqual([]);
    expect(await folder.read('.env')).toBe(settings);
  });

  it.each(['# mine\nPORT=4000\n', 'KUBE_CONTEXT=kind-store-platform\n\n\n', '\n'])(
    'leaves .env as it was before: %j',
    async (before) => {
      const folder = await useSetupFolder();
      await folder.write('.env', before);
      await folder.run();
      expect(await folder.read('.env')).not.toBe(before);
      await folder.run('--down', '--yes');
      expect(await folder.read('.env')).toBe(before);
    },
  );

  it('keeps lines that were changed since, and lines around its own', async () => {
    const folder = await useSetupFolder();
    await folder.run();
    const ours = await folder.read('.env');
    await folder.write('.env', `${ours.replace('127.0.0.1:6379', '127.0.0.1:6380')}WORKERS=2\n`);
    const { output } = await folder.run('--down', '--yes');
    expect(parseEnv(await folder.read('.env'))).toEqual({
      REDIS_URL: 'redis://127.0.0.1:6380',
      WORKERS: '2',
    });
    expect(output).toContain('Lines of .env that were changed since stay there.');
  });

  it('says that Docker does not answer, and deletes nothing', async () => {
    const folder = await useSetupFolder();
    await folder.fault('daemon-away');
    const run = await folder.run('--down', '--yes');
    expectToFail(run, "Docker's daemon does not answer.");
    expect(deedsOf(run)).toEqual([]);
  });
});

describe('what ./setup.sh is asked', () => {
  it.each([
    [['--frobnicate'], 'There is no option "--frobnicate". ./setup.sh --help shows what there is.'],
    [['--yes'], '--yes belongs to --down.'],
  ])('is refused when it makes no sense: %j', async (args, sentence) => {
    const folder = await useSetupFolder();
    const run = await folder.run(...args);
    expect(run.code).toBe(2);
    expect(run.output).toContain(sentence);
    expect(run.calls).toEqual([]);
  });

  it('is explained by --help', async () => {
    const folder = await useSetupFolder({ programs: [] });
    const run = await folder.run('--help');
    expectToEndWell(run);
    expect(run.output).toContain('./setup.sh --down ');
  });
});
