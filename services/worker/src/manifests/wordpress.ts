import type { StorePackage } from '@store-platform/shared/config/profiles';
import type { Manifest } from '@store-platform/shared/kube/kube-object';
import { recipeFolder, recipeFiles } from '../wordpress/recipe-files.ts';
import { recipeOf } from '../wordpress/recipe.ts';
import { credentialKeys, fromCredentials } from './credentials.ts';
import { partLabelsOf } from './labels.ts';
import { mysqlDatabase, mysqlUser } from './mysql.ts';
import { containerResources, deploymentDefaults, noRights, podDefaults, serverRights } from './pod-parts.ts';
import type { Shop } from './shop.ts';

const recipeName = 'store-recipe';
const toolsFolder = '/store-platform/tools';

export const wordpressOf = (shop: Shop): Manifest[] => [recipe(shop), deployment(shop), service(shop)];

/** The recipe: data about this shop, and constant scripts that read it. The shop's name travels here as data alone. */
const recipe = (shop: Shop): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: recipeName, namespace: shop.namespace, labels: partLabelsOf(shop, 'woocommerce') },
  data: { ...recipeFiles, 'recipe.json': JSON.stringify(recipeOf(shop), undefined, 2) },
});

const deployment = (shop: Shop): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'woocommerce', namespace: shop.namespace, labels: partLabelsOf(shop, 'woocommerce') },
  spec: {
    ...deploymentDefaults,
    selector: { matchLabels: { app: 'woocommerce' } },
    template: {
      metadata: { labels: partLabelsOf(shop, 'woocommerce') },
      spec: {
        ...podDefaults(shop),
        // WordPress' calls to itself work only where its own name leads to itself.
        hostAliases: [{ ip: '127.0.0.1', hostnames: [new URL(shop.url).hostname] }],
        initContainers: [wpCli(shop), packages(shop)],
        containers: [container(shop)],
        volumes: [
          { name: 'wordpress-storage', persistentVolumeClaim: { claimName: 'wordpress-data' } },
          { name: 'tools', emptyDir: {} },
          { name: 'recipe', configMap: { name: recipeName } },
        ],
      },
    },
  },
});

const tools = { name: 'tools', mountPath: toolsFolder };
const recipeMount = { name: 'recipe', mountPath: recipeFolder, readOnly: true };
const docroot = '/var/www/html';
const contentMount = { name: 'wordpress-storage', mountPath: docroot };
/** `www-data` of the two images. */
const webUser = 33;
const cliUser = 82;

const initResources = {
  requests: { memory: '64Mi', cpu: '50m' },
  limits: { memory: '128Mi', cpu: '500m' },
};

/** The WordPress image holds no WP-CLI: its phar comes from the pinned image that does. */
const wpCli = ({ profile }: Shop) => ({
  name: 'wp-cli',
  image: profile.images.wpCli,
  imagePullPolicy: 'IfNotPresent',
  command: ['cp', '/usr/local/bin/wp', `${toolsFolder}/wp`],
  resources: initResources,
  securityContext: noRights(cliUser),
  volumeMounts: [tools],
});

/** Archives at pinned versions, by curl: WordPress itself refuses addresses of closed networks. */
const packages = ({ profile }: Shop) => ({
  name: 'packages',
  image: profile.images.wordpress,
  imagePullPolicy: 'IfNotPresent',
  command: [
    'sh',
    `${recipeFolder}/fetch-packages.sh`,
    toolsFolder,
    `${docroot}/wp-content`,
    ...archive('plugins/woocommerce', profile.packages.woocommerce),
    ...archive('themes/storefront', profile.packages.storefront),
  ],
  resources: initResources,
  securityContext: noRights(webUser),
  volumeMounts: [tools, recipeMount, { ...contentMount, readOnly: true }],
});

/** The script's three words for an archive; an empty checksum is not checked. */
const archive = (place: string, { url, sha256 }: StorePackage) => [place, url, sha256 ?? ''];

const loginPage = { httpGet: { path: '/wp-login.php', port: 80 }, timeoutSeconds: 5 };

const container = (shop: Shop) => ({
  name: 'wordpress',
  image: shop.profile.images.wordpress,
  imagePullPolicy: 'IfNotPresent',
  env: [
    { name: 'WORDPRESS_DB_HOST', value: 'mysql-service:3306' },
    { name: 'WORDPRESS_DB_NAME', value: mysqlDatabase },
    { name: 'WORDPRESS_DB_USER', value: mysqlUser },
    fromCredentials('WORDPRESS_DB_PASSWORD', credentialKeys.userPassword),
    fromCredentials('STORE_ADMIN_PASSWORD', credentialKeys.adminPassword),
    ...credentialKeys.salts.map(({ env, key }) => fromCredentials(env, key)),
  ],
  ports: [{ name: 'http', containerPort: 80, protocol: 'TCP' }],
  resources: containerResources,
  securityContext: serverRights(['KILL', 'NET_BIND_SERVICE']),
  startupProbe: { ...loginPage, periodSeconds: 2, failureThreshold: 180 },
  readinessProbe: { ...loginPage, periodSeconds: 15, failureThreshold: 10 },
  // Not a page: a shop that is slow under many visitors would be killed for it.
  livenessProbe: { tcpSocket: { port: 80 }, timeoutSeconds: 5, periodSeconds: 20, failureThreshold: 6 },
  volumeMounts: [contentMount, tools, recipeMount],
});

const service = (shop: Shop): Manifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'woocommerce-service',
    namespace: shop.namespace,
    labels: partLabelsOf(shop, 'woocommerce'),
  },
  spec: {
    selector: { app: 'woocommerce' },
    ports: [{ name: 'http', port: 80, targetPort: 80, protocol: 'TCP' }],
  },
});
