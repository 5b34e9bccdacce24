import type { Manifest } from '@store-platform/shared/kube/kube-object';
import { credentialKeys, fromCredentials } from './credentials.ts';
import { partLabelsOf } from './labels.ts';
import { containerResources, deploymentDefaults, podDefaults, serverRights } from './pod-parts.ts';
import type { Shop } from './shop.ts';

export const mysqlDatabase = 'wordpress';
export const mysqlUser = 'wordpress';

/** Over TCP, as the application's user. The shell is the container's own, for its variables; nothing of the store is in it. */
const asTheApplication = (program: string) => ({
  exec: { command: ['sh', '-c', `MYSQL_PWD="$MYSQL_PASSWORD" exec ${program}`] },
  timeoutSeconds: 5,
});

/** Not `mysqladmin ping`, which is content during the first, temporary start, and also when access is denied. */
const answersTheApplication = asTheApplication(
  'mysql -h127.0.0.1 -u"$MYSQL_USER" -e "SELECT 1" "$MYSQL_DATABASE"',
);

/** That it is content with so much makes it right here: a server that answers anything at all must not be killed. */
const isAlive = asTheApplication('mysqladmin -h127.0.0.1 -u"$MYSQL_USER" ping');

export const mysqlOf = (shop: Shop): Manifest[] => [deployment(shop), service(shop)];

const deployment = (shop: Shop): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'mysql', namespace: shop.namespace, labels: partLabelsOf(shop, 'mysql') },
  spec: {
    ...deploymentDefaults,
    selector: { matchLabels: { app: 'mysql' } },
    template: {
      metadata: { labels: partLabelsOf(shop, 'mysql') },
      spec: {
        ...podDefaults(shop),
        terminationGracePeriodSeconds: 30,
        containers: [container(shop)],
        volumes: [{ name: 'mysql-storage', persistentVolumeClaim: { claimName: 'mysql-data' } }],
      },
    },
  },
});

const container = ({ profile }: Shop) => ({
  name: 'mysql',
  image: profile.images.mysql,
  imagePullPolicy: 'IfNotPresent',
  env: [
    fromCredentials('MYSQL_ROOT_PASSWORD', credentialKeys.rootPassword),
    fromCredentials('MYSQL_PASSWORD', credentialKeys.userPassword),
    { name: 'MYSQL_DATABASE', value: mysqlDatabase },
    { name: 'MYSQL_USER', value: mysqlUser },
    { name: 'MYSQL_INITDB_SKIP_TZINFO', value: '1' },
  ],
  ports: [{ name: 'mysql', containerPort: 3306, protocol: 'TCP' }],
  resources: containerResources,
  securityContext: serverRights(),
  // A kill during the first boot leaves a half-made data folder for good: nobody judges before the stage itself gives up.
  startupProbe: { ...answersTheApplication, periodSeconds: 2, failureThreshold: 150 },
  readinessProbe: { ...answersTheApplication, periodSeconds: 10, failureThreshold: 3 },
  livenessProbe: { ...isAlive, periodSeconds: 20, failureThreshold: 6 },
  volumeMounts: [{ name: 'mysql-storage', mountPath: '/var/lib/mysql' }],
});

const service = (shop: Shop): Manifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'mysql-service', namespace: shop.namespace, labels: partLabelsOf(shop, 'mysql') },
  spec: {
    selector: { app: 'mysql' },
    ports: [{ name: 'mysql', port: 3306, targetPort: 3306, protocol: 'TCP' }],
  },
});
