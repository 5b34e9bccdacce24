import { storeAddress } from '@store-platform/shared/config/store-url';
import type { LauncherConfig } from './launcher-config.ts';

/** What a person needs to know once everything runs: where things are, and what is embedded or emulated. */
export const banner = (
  config: LauncherConfig,
  { seconds, dev }: { seconds: number; dev: boolean },
): string => {
  const api = `http://${visible(config.host)}:${config.apiPort}`;
  const shop = storeAddress('store-xxxxxxxx', config).url;
  const rows: [string, string][] = [
    ['Dashboard', `http://${visible(config.host)}:${config.dashboardPort}`],
    ['API', `${api}  (documentation: ${api}/api/docs)`],
    ['Queue board', `${api}/admin/queues`],
    ['Shops', shop],
    ['', ''],
    ['Cluster', clusterLine(config)],
    [
      'Database',
      config.databaseUrl
        ? 'PostgreSQL from your settings'
        : `embedded PostgreSQL 15, data in ${config.dataDir}`,
    ],
    ['Queue', config.redisUrl ? 'BullMQ on Redis' : 'BullMQ on that PostgreSQL'],
    ['Workers', `${config.workers}`],
  ];
  const lines = rows.map(([name, value]) => (name ? `     ${name.padEnd(13)} ${value}` : ''));
  const title = `  ⚡ Store Platform is ready after ${seconds.toFixed(1)} s${dev ? ', from sources' : ''}`;
  return ['', title, '', ...lines, '', ...notes(config).map((note) => `     ${note}`), ''].join('\n');
};

const shopsLine = {
  auto: 'the dashboard says whether its shops are real',
  wordpress: 'its shops are WordPress on SQLite',
  'stand-in': 'its shops are stand-ins',
} as const;

const clusterLine = ({ cluster, kubeconfigPath, storeRuntime }: LauncherConfig): string => {
  if (cluster.kind === 'in-cluster') return 'the one that this runs in';
  if (cluster.kind === 'context') return `${cluster.name}, of your kubeconfig`;
  return `emulated, ${shopsLine[storeRuntime]}  (kubectl --kubeconfig ${kubeconfigPath} get pods -A)`;
};

const notes = ({ profile }: LauncherConfig): string[] => {
  const { mysql, wordpress } = profile.images;
  const { woocommerce } = profile.packages;
  const parts = `${mysql}, ${wordpress}, WooCommerce ${woocommerce.version}`;
  return [
    ...(profile.endOfLife
      ? [
          `Profile "${profile.name}" (${parts}) is past its end of life:`,
          'no security fixes, for local use only. STORE_PROFILE=current has parts that are kept.',
          '',
        ]
      : []),
    'Ctrl-C stops everything; stores and their data are kept.',
  ];
};

/** What a browser on this machine is told. */
const visible = (host: string): string =>
  ['127.0.0.1', '0.0.0.0', '::', '::1'].includes(host) ? 'localhost' : host;
