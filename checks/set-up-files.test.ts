import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { mostConnections } from '../shared/src/embedded-postgres/embedded-postgres.ts';

const root = resolve(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const pinnedByVersion = /^[\w./-]+:v?\d+\.\d+\.\d+[\w.-]*(@|$)/;
const pinnedByDigest = /@sha256:[0-9a-f]{64}$/;

/** The value that setup.sh gives a name, e.g. `cluster`. */
const inSetup = (name: string): string | undefined =>
  new RegExp(`^${name}=(\\S+)$`, 'm').exec(read('setup.sh'))?.[1];

describe('docker-compose.yml', () => {
  const Service = z.object({
    image: z.string(),
    container_name: z.string(),
    command: z.array(z.string()),
    environment: z.record(z.string(), z.string()).optional(),
    ports: z.array(z.string()),
    volumes: z.array(z.string()),
    healthcheck: z.object({ test: z.array(z.string()) }),
    restart: z.string(),
  });
  const Compose = z.strictObject({
    name: z.string(),
    services: z.record(z.string(), Service),
    volumes: z.record(z.string(), z.unknown()),
  });
  const compose = Compose.parse(parse(read('docker-compose.yml')));
  const service = (name: string) => Service.parse(compose.services[name]);
  const all = Object.entries(compose.services);

  it('holds PostgreSQL 15 and Redis 7, pinned by version', () => {
    expect(all.map(([name]) => name)).toEqual(['postgres', 'redis']);
    expect(service('postgres').image).toMatch(/^postgres:15\.\d+-/);
    expect(service('redis').image).toMatch(/^redis:7\.\d+\.\d+-/);
  });

  it.each(all)(
    'gives %s a loopback port, a volume of its own, a health check and a restart',
    (_, service) => {
      expect(service.ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:(\d+):\1$/)]);
      expect(service.volumes.map((volume) => volume.split(':')[0] ?? '')).toEqual([
        expect.toSatisfy((volume: string) => volume in compose.volumes),
      ]);
      expect(service.healthcheck.test[0]).toBe('CMD');
      expect(service.restart).toBe('unless-stopped');
    },
  );

  it('lets PostgreSQL take as many connections as the embedded one', () => {
    expect(service('postgres').command).toContain(`max_connections=${mostConnections}`);
  });

  it('lets Redis lose no job', () => {
    expect(service('redis').command.join(' ')).toBe(
      'redis-server --maxmemory-policy noeviction --appendonly yes',
    );
  });

  it('is what DATABASE_URL and REDIS_URL of setup.sh lead to', () => {
    const { POSTGRES_DB, POSTGRES_USER, POSTGRES_PASSWORD } = service('postgres').environment ?? {};
    const setup = read('setup.sh');
    expect(setup).toContain(
      `DATABASE_URL=postgresql://${POSTGRES_USER}:${POSTGRES_PASSWORD}@127.0.0.1:5432/${POSTGRES_DB}\n`,
    );
    expect(service('postgres').ports).toEqual(['127.0.0.1:5432:5432']);
    expect(setup).toContain('REDIS_URL=redis://127.0.0.1:6379\n');
    expect(service('redis').ports).toEqual(['127.0.0.1:6379:6379']);
  });

  it('names its containers as setup.sh looks for them', () => {
    expect(all.map(([, { container_name }]) => container_name)).toEqual([
      `${inSetup('cluster')}-db`,
      `${inSetup('cluster')}-redis`,
    ]);
  });
});

describe('kind-config.yaml', () => {
  const PortMapping = z.object({
    containerPort: z.number(),
    hostPort: z.number(),
    listenAddress: z.string(),
  });
  const Config = z.object({
    kind: z.literal('Cluster'),
    apiVersion: z.literal('kind.x-k8s.io/v1alpha4'),
    name: z.string(),
    nodes: z.array(z.object({ image: z.string(), extraPortMappings: z.array(PortMapping) })),
  });
  const config = Config.parse(parse(read('kind-config.yaml')));

  it('is one node of the cluster that setup.sh knows, pinned by version and digest', () => {
    expect(config.name).toBe(inSetup('cluster'));
    expect(config.nodes).toHaveLength(1);
    expect(config.nodes[0]?.image).toMatch(pinnedByVersion);
    expect(config.nodes[0]?.image).toMatch(pinnedByDigest);
  });

  it('maps 80 and 443 on loopback alone', () => {
    expect(config.nodes[0]?.extraPortMappings).toMatchObject([
      { containerPort: 80, hostPort: 80, listenAddress: '127.0.0.1' },
      { containerPort: 443, hostPort: 443, listenAddress: '127.0.0.1' },
    ]);
  });
});

describe('ingress-controller.yaml', () => {
  const KubeObject = z.looseObject({
    kind: z.string(),
    metadata: z.object({ name: z.string(), namespace: z.string().optional() }),
  });
  const Deployment = z.object({
    spec: z.object({
      template: z.object({
        spec: z.object({
          containers: z.array(
            z.object({
              image: z.string(),
              args: z.array(z.string()),
              ports: z.array(z.object({ hostPort: z.number().optional() })),
            }),
          ),
        }),
      }),
    }),
  });
  const objects = parseAllDocuments(read('ingress-controller.yaml')).map((document) =>
    KubeObject.parse(document.toJS()),
  );
  const { containers } = Deployment.parse(objects.find(({ kind }) => kind === 'Deployment')).spec.template
    .spec;

  it('runs one image, pinned by version and digest, on the ports that kind maps', () => {
    expect(containers).toHaveLength(1);
    expect(containers[0]?.image).toMatch(pinnedByVersion);
    expect(containers[0]?.image).toMatch(pinnedByDigest);
    expect(containers[0]?.ports.flatMap(({ hostPort }) => hostPort ?? [])).toEqual([80, 443]);
  });

  it('serves the class, in the namespace, that setup.sh writes to .env', () => {
    const ingressClass = objects.find(({ kind }) => kind === 'IngressClass')?.metadata.name;
    expect(ingressClass).toBe(inSetup('ingress_class'));
    expect(containers[0]?.args).toContain(`--providers.kubernetesingress.ingressclass=${ingressClass}`);
    const namespaces = new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []));
    expect([...namespaces]).toEqual([inSetup('ingress_namespace')]);
  });
});
