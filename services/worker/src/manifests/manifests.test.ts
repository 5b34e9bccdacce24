import { profileNames } from '@store-platform/shared/config/profiles';
import { manifestFaults } from '@store-platform/shared/kube/testing/manifest-faults';
import type { Manifest } from '@store-platform/shared/kube/kube-object';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { recipeOf } from '../wordpress/recipe.ts';
import { recipeFiles } from '../wordpress/recipe-files.ts';
import { sampleShop } from '../testing/sample-shop.ts';
import { claimsOf } from './claims.ts';
import { credentialsOf } from './credentials.ts';
import { ingressOf } from './ingress.ts';
import { labelsOf } from './labels.ts';
import { mysqlOf } from './mysql.ts';
import { limitRangeOf, namespaceOf, resourceQuotaOf } from './namespace.ts';
import { networkPoliciesOf } from './network-policies.ts';
import { registryCredentialsOf } from './registry-credentials.ts';
import type { Shop } from './shop.ts';
import { wordpressOf } from './wordpress.ts';

const allOf = (shop: Shop): Manifest[] => [
  namespaceOf(shop),
  resourceQuotaOf(shop),
  limitRangeOf(shop),
  ...networkPoliciesOf(shop),
  credentialsOf(shop),
  ...registryCredentialsOf(shop),
  ...claimsOf(shop),
  ...mysqlOf(shop),
  ...wordpressOf(shop),
  ingressOf(shop),
];
const shop = sampleShop();
const all = allOf(shop);

const find = (kind: string, name: string): Manifest => {
  const found = all.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (!found) throw new Error(`There is no ${kind} ${name}`);
  return found;
};

const Container = z.looseObject({
  name: z.string(),
  image: z.string(),
  command: z.array(z.string()).default([]),
  env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })).default([]),
  resources: z.object({
    requests: z.record(z.string(), z.string()),
    limits: z.record(z.string(), z.string()),
  }),
  volumeMounts: z.array(
    z.object({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().optional() }),
  ),
});
const Deployment = z.object({
  spec: z.object({
    strategy: z.object({ type: z.string() }),
    selector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
    template: z.object({
      metadata: z.object({ labels: z.record(z.string(), z.string()) }),
      spec: z.looseObject({
        containers: z.array(Container),
        initContainers: z.array(Container).default([]),
        volumes: z.array(z.looseObject({ name: z.string() })),
      }),
    }),
  }),
});
const podOf = (name: string) => Deployment.parse(find('Deployment', name)).spec.template.spec;
const containerOf = (deployment: string) => {
  const [container] = podOf(deployment).containers;
  if (!container) throw new Error('It has no container');
  return container;
};

describe('what Kubernetes thinks of them', () => {
  test.each(profileNames)('every manifest of the profile %s is valid, and each field exists', (profile) => {
    for (const manifest of allOf(sampleShop({}, profile))) expect(manifestFaults(manifest)).toEqual([]);
  });

  test.each(
    all.map((manifest): [string, Manifest] => [`${manifest.kind} ${manifest.metadata.name}`, manifest]),
  )('a fault in the %s is seen', (_, manifest) => {
    const misspelt = { ...manifest, metadata: { ...manifest.metadata, lables: {} } };
    expect(manifestFaults(misspelt)).toEqual([expect.stringContaining('lables')]);
    const wrong = { ...manifest, metadata: { ...manifest.metadata, labels: { a: 1 } } };
    expect(manifestFaults(JSON.parse(JSON.stringify(wrong)))).not.toEqual([]);
    const { spec, data } = manifest;
    if (spec === undefined && data === undefined) return;
    expect(manifestFaults({ ...manifest, [spec === undefined ? 'data' : 'spec']: 'text' })).not.toEqual([]);
  });

  test('a misspelt field deep in a container is seen', () => {
    const text = JSON.stringify(find('Deployment', 'mysql')).replace('"readinessProbe"', '"readyProbe"');
    expect(manifestFaults(JSON.parse(text))).toEqual([
      'Deployment.spec.template.spec.containers[0].readyProbe: there is no such field',
    ]);
  });
});

describe('whose they are', () => {
  test('every object carries the installation, the store and the generation', () => {
    for (const { kind, metadata } of all) {
      expect(metadata.labels, kind).toMatchObject({
        'app.kubernetes.io/managed-by': 'store-platform',
        'store-platform.dev/installation': shop.installationId,
        'store-platform.dev/store': 'store-ab12cd34',
        'store-platform.dev/generation': '1',
      });
      expect(metadata.namespace ?? metadata.name).toBe('store-ab12cd34');
    }
  });

  test.each(['mysql', 'woocommerce'])('so do the pods of %s, which the watch must see', (name) => {
    const { selector, template } = Deployment.parse(find('Deployment', name)).spec;
    expect(template.metadata.labels).toMatchObject({ ...labelsOf(shop), app: name });
    expect(template.metadata.labels).toMatchObject(selector.matchLabels);
  });

  test('the namespace warns of what the restricted level refuses', () => {
    expect(find('Namespace', 'store-ab12cd34').metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'baseline',
      'pod-security.kubernetes.io/warn': 'restricted',
    });
  });
});

describe('what the specification asks for', () => {
  test('claims of 5 and 10 GiB for one writer', () => {
    const claim = (storage: string) => ({
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
    });
    expect(find('PersistentVolumeClaim', 'mysql-data')).toMatchObject(claim('5Gi'));
    expect(find('PersistentVolumeClaim', 'wordpress-data')).toMatchObject(claim('10Gi'));
  });

  test.each([
    ['mysql', 'mysql:8.0', '/var/lib/mysql', 'mysql-data'],
    ['woocommerce', 'wordpress:6.4-apache', '/var/www/html', 'wordpress-data'],
  ])('%s runs %s on its claim, with the figures given', (name, image, mountPath, claimName) => {
    const pod = podOf(name);
    const container = containerOf(name);
    expect(container).toMatchObject({
      image,
      resources: {
        requests: { memory: '256Mi', cpu: '100m' },
        limits: { memory: '512Mi', cpu: '500m' },
      },
    });
    const mount = container.volumeMounts.find((each) => each.mountPath === mountPath);
    expect(pod.volumes).toContainEqual({ name: mount?.name, persistentVolumeClaim: { claimName } });
    expect(Deployment.parse(find('Deployment', name)).spec.strategy.type).toBe('Recreate');
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
    });
    for (const each of [...pod.containers, ...pod.initContainers]) {
      expect(each['securityContext']).toMatchObject({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      });
    }
  });

  test.each([
    ['mysql-service', 3306, 'mysql'],
    ['woocommerce-service', 80, 'woocommerce'],
  ])('%s leads port %d to %s', (name, port, app) => {
    expect(find('Service', name)['spec']).toMatchObject({
      selector: { app },
      ports: [{ port, targetPort: port }],
    });
    expect(containerOf(app)['ports']).toMatchObject([{ containerPort: port }]);
  });

  test('WordPress is ready when its login page answers', () => {
    expect(containerOf('woocommerce')).toMatchObject({
      readinessProbe: { httpGet: { path: '/wp-login.php', port: 80 } },
      startupProbe: { httpGet: { path: '/wp-login.php', port: 80 } },
    });
    expect(containerOf('woocommerce').env).toContainEqual({
      name: 'WORDPRESS_DB_HOST',
      value: 'mysql-service:3306',
    });
  });

  test('MySQL is ready when it accepts the application over TCP, and has the stage’s whole time to come up', () => {
    const container = containerOf('mysql');
    expect(JSON.stringify(container['readinessProbe'])).toContain('mysql -h127.0.0.1 -u\\"$MYSQL_USER\\"');
    expect(container).toMatchObject({ startupProbe: { periodSeconds: 2, failureThreshold: 150 } });
    expect(container.env).toContainEqual({ name: 'MYSQL_INITDB_SKIP_TZINFO', value: '1' });
  });

  test('a server is killed for not answering at all, and never for being slow', () => {
    expect(containerOf('woocommerce')['livenessProbe']).toMatchObject({ tcpSocket: { port: 80 } });
    expect(JSON.stringify(containerOf('mysql')['livenessProbe'])).toContain('mysqladmin -h127.0.0.1');
    for (const name of ['mysql', 'woocommerce']) {
      expect(containerOf(name)['livenessProbe']).toMatchObject({ periodSeconds: 20, failureThreshold: 6 });
    }
  });

  test('init containers are users without rights', () => {
    const users = podOf('woocommerce').initContainers.map(({ securityContext }) => securityContext);
    expect(users).toEqual(
      [82, 33].map((user) => ({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        runAsUser: user,
        runAsGroup: user,
      })),
    );
  });

  test('the archives are fetched with their checksums, where there are any', () => {
    const { woocommerce, storefront } = shop.profile.packages;
    const checked = { ...shop.profile.packages, storefront: { ...storefront, sha256: 'f00d' } };
    const command = (packages: typeof shop.profile.packages) =>
      wordpressOf({ ...shop, profile: { ...shop.profile, packages } })
        .filter(({ kind }) => kind === 'Deployment')
        .map((manifest) => Deployment.parse(manifest).spec.template.spec.initContainers[1]?.command);
    expect(command(checked)).toEqual([
      [
        'sh',
        '/store-platform/recipe/fetch-packages.sh',
        '/store-platform/tools',
        '/var/www/html/wp-content',
        'plugins/woocommerce',
        woocommerce.url,
        '',
        'themes/storefront',
        storefront.url,
        'f00d',
      ],
    ]);
  });

  test('images of a private registry are pulled with the login that was named', () => {
    const behindLogin = allOf(sampleShop({ registryConfig: '{"auths":{}}' }));
    const login = behindLogin.find(({ metadata }) => metadata.name === 'registry-credentials');
    expect(login).toMatchObject({
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': Buffer.from('{"auths":{}}').toString('base64') },
    });
    const secrets = behindLogin
      .filter(({ kind }) => kind === 'Deployment')
      .map((manifest) => Deployment.parse(manifest).spec.template.spec['imagePullSecrets']);
    expect(secrets).toEqual([[{ name: 'registry-credentials' }], [{ name: 'registry-credentials' }]]);
    expect(podOf('mysql')).not.toHaveProperty('imagePullSecrets');
  });

  test('the ingress leads the host of the address to the shop, by the class that was chosen', () => {
    expect(find('Ingress', 'store')['spec']).toEqual({
      ingressClassName: 'nginx',
      rules: [
        {
          host: 'store-ab12cd34.localhost',
          http: {
            paths: [
              {
                path: '/',
                pathType: 'Prefix',
                backend: { service: { name: 'woocommerce-service', port: { number: 80 } } },
              },
            ],
          },
        },
      ],
    });
  });

  test('only the ingress controller enters WordPress, and only WordPress enters MySQL', () => {
    const rule = (name: string) => find('NetworkPolicy', name)['spec'];
    expect(rule('woocommerce')).toEqual({
      podSelector: { matchLabels: { app: 'woocommerce' } },
      policyTypes: ['Ingress'],
      ingress: [
        {
          from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } } }],
          ports: [{ protocol: 'TCP', port: 80 }],
        },
      ],
    });
    expect(rule('mysql')).toMatchObject({
      podSelector: { matchLabels: { app: 'mysql' } },
      ingress: [
        { from: [{ podSelector: { matchLabels: { app: 'woocommerce' } } }], ports: [{ port: 3306 }] },
      ],
    });
  });

  test('both pods fit into the quota, while each starts', () => {
    const milli = (cpu: string) => (cpu.endsWith('m') ? Number(cpu.slice(0, -1)) : Number(cpu) * 1000);
    const mebi = (memory: string) => Number.parseInt(memory, 10) * (memory.endsWith('Gi') ? 1024 : 1);
    const total = (of: 'requests' | 'limits', resource: 'cpu' | 'memory') => {
      const amount = resource === 'cpu' ? milli : mebi;
      const inPod = (name: string) => {
        const { containers, initContainers } = podOf(name);
        const figures = (list: typeof containers) =>
          list.map(({ resources }) => amount(resources[of][resource] ?? 'missing'));
        return Math.max(
          figures(containers).reduce((sum, each) => sum + each, 0),
          ...figures(initContainers),
        );
      };
      return inPod('mysql') + inPod('woocommerce');
    };
    const { hard } = z
      .object({ hard: z.record(z.string(), z.string()) })
      .parse(find('ResourceQuota', 'store-quota')['spec']);
    expect(total('requests', 'cpu')).toBeLessThanOrEqual(milli(hard['requests.cpu'] ?? ''));
    expect(total('limits', 'cpu')).toBeLessThanOrEqual(milli(hard['limits.cpu'] ?? ''));
    expect(total('requests', 'memory')).toBeLessThanOrEqual(mebi(hard['requests.memory'] ?? ''));
    expect(total('limits', 'memory')).toBeLessThanOrEqual(mebi(hard['limits.memory'] ?? ''));
    expect(mebi(hard['requests.storage'] ?? '')).toBeGreaterThanOrEqual(15 * 1024);
  });
});

describe('credentials', () => {
  const Secret = z.object({ data: z.record(z.string(), z.string()) });
  const valuesOf = (manifest: Manifest) =>
    Object.fromEntries(
      Object.entries(Secret.parse(manifest).data).map(([key, value]) => [
        key,
        Buffer.from(value, 'base64').toString('utf8'),
      ]),
    );

  test('a shop on this machine has the known password, any other one its own', () => {
    expect(valuesOf(credentialsOf(shop))['admin-password']).toBe('Admin@123');
    const far = sampleShop({ url: 'http://store-ab12cd34.203.0.113.9.nip.io' });
    const passwords = [1, 2].map(() => valuesOf(credentialsOf(far))['admin-password']);
    expect(passwords[0]).toMatch(/^[\w-]{32}$/);
    expect(passwords[0]).not.toBe(passwords[1]);
  });

  test('no two of the generated values are the same', () => {
    const { 'admin-password': _admin, ...generated } = valuesOf(credentialsOf(shop));
    expect(new Set(Object.values(generated)).size).toBe(10);
    for (const value of Object.values(generated)) expect(value).toMatch(/^[\w-]{32}$/);
  });

  test('appear in no other manifest, and containers get them by reference', () => {
    const credentials = credentialsOf(shop);
    const values = valuesOf(credentials);
    const others = allOf(shop).filter(({ kind }) => kind !== 'Secret');
    expect(JSON.stringify(others)).not.toContain('Admin@123');
    const References = z.object({
      valueFrom: z.object({ secretKeyRef: z.object({ key: z.string(), name: z.string() }) }),
    });
    const references = ['mysql', 'woocommerce']
      .flatMap((name) => containerOf(name).env)
      .flatMap((variable) => {
        const parsed = References.safeParse(variable);
        return parsed.success ? [parsed.data.valueFrom.secretKeyRef] : [];
      });
    expect(references).toHaveLength(12);
    for (const { name, key } of references) {
      expect(name).toBe(credentials.metadata.name);
      expect(values).toHaveProperty(key);
    }
    expect(new Set(references.map(({ key }) => key))).toEqual(new Set(Object.keys(values)));
  });
});

describe('the recipe', () => {
  const { data } = z
    .object({ data: z.record(z.string(), z.string()) })
    .parse(find('ConfigMap', 'store-recipe'));

  test('carries the name as it was typed, as data, and nowhere else', () => {
    expect(JSON.parse(data['recipe.json'] ?? '')).toEqual(JSON.parse(JSON.stringify(recipeOf(shop))));
    expect(JSON.parse(data['recipe.json'] ?? '')).toMatchObject({ shop: { name: shop.name } });
    const others = all.filter(({ kind }) => kind !== 'ConfigMap');
    expect(JSON.stringify(others)).not.toContain('$(HOME)');
  });

  test('brings the same scripts to every shop', () => {
    const { 'recipe.json': _recipe, ...scripts } = data;
    expect(scripts).toEqual(recipeFiles);
    expect(Object.keys(scripts)).toContain('setup.php');
  });

  test('is mounted where the command looks for it, and its archives where the script looks for them', () => {
    const pod = podOf('woocommerce');
    expect(pod.volumes).toContainEqual({ name: 'recipe', configMap: { name: 'store-recipe' } });
    const paths = (container: z.infer<typeof Container>) =>
      Object.fromEntries(container.volumeMounts.map(({ name, mountPath }) => [name, mountPath]));
    expect(paths(containerOf('woocommerce'))).toMatchObject({
      recipe: '/store-platform/recipe',
      tools: '/store-platform/tools',
    });
    const [wpCli] = pod.initContainers;
    expect(wpCli).toMatchObject({
      image: 'wordpress:cli-2.12.0-php8.2',
      command: ['cp', '/usr/local/bin/wp', '/store-platform/tools/wp'],
    });
    for (const container of [...pod.initContainers, ...pod.containers]) {
      const names = new Set(pod.volumes.map(({ name }) => name));
      for (const { name } of container.volumeMounts) expect(names).toContain(name);
    }
  });
});
