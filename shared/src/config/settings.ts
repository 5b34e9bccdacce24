import { z } from 'zod';
import { ConfigError } from './config-error.ts';
import { profileNames } from './profiles.ts';

const portError = { error: 'must be a port number from 1 to 65535' };
const anyPort = z.coerce.number(portError).int(portError).min(1, portError).max(65_535, portError);
const port = (fallback: number) => anyPort.default(fallback);

const wholeNumber = (max: number) => {
  const error = `must be a whole number from 1 to ${max}`;
  return z.coerce.number({ error }).int({ error }).min(1, { error }).max(max, { error });
};
const count = (fallback: number, max: number) => wholeNumber(max).default(fallback);

const milliseconds = (min: number, max: number) => {
  const error = `must be milliseconds from ${min} to ${max}`;
  return z.coerce.number({ error }).int({ error }).min(min, { error }).max(max, { error });
};

const url = (...schemes: string[]) =>
  z.string().refine((value) => URL.canParse(value) && schemes.includes(new URL(value).protocol), {
    error: `must be an address that begins with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`,
  });

const domain = z.string().regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, {
  error: 'must be a domain in lower case, e.g. shops.example.com',
});

const hostAndPort = z
  .string()
  .regex(/^[^\s:]+(:\d{1,5})?$/, { error: 'must be HOST or HOST:PORT' })
  .transform((value) => {
    const [host = value, portText = '80'] = value.split(':');
    return { host, port: Number(portText) };
  });

const databaseHost = z.string().regex(/^([A-Za-z0-9._-]+|\[?[0-9A-Fa-f:.]+\]?)$/, {
  error: 'must be a host name or an IP address',
});

const imageError = { error: 'must be an image such as registry.example.com/mysql:8.0' };
const image = z.string().regex(/^[a-z0-9][\w.:/-]*(@sha256:[0-9a-f]{64})?$/i, imageError);

const version = z
  .string()
  .regex(/^\d+(\.\d+)*([.-][0-9A-Za-z]+)*$/, { error: 'must be a version such as 9.1.2' });

const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/i, { error: 'must be a SHA-256 checksum: 64 hexadecimal digits' })
  .toLowerCase();

/** What runs the shops of the emulated cluster. */
export const storeRuntimes = ['auto', 'wordpress', 'stand-in'] as const;
export type StoreRuntime = (typeof storeRuntimes)[number];

const isOrigin = (value: string) => URL.canParse(value) && new URL(value).origin === value;

/** Every setting of every process: its shape and its default. `.env.example` says in words what each does. */
export const Settings = z.object({
  NODE_ENV: z
    .enum(['development', 'production', 'test'], { error: 'must be development, production or test' })
    .default('development'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace'], {
      error: 'must be fatal, error, warn, info, debug or trace',
    })
    .default('info'),
  HOST: z.string().default('127.0.0.1'),
  PORT: port(3000),
  DASHBOARD_PORT: port(3001),
  INGRESS_PORT: port(8080),
  DATA_DIR: z.string().default('.data'),
  DATABASE_URL: url('postgres:', 'postgresql:').optional(),
  DB_HOST: databaseHost.optional(),
  DB_PORT: port(5432),
  DB_NAME: z.string().default('store_platform'),
  DB_USER: z.string().default('postgres'),
  DB_PASSWORD: z.string().default('postgres'),
  REDIS_URL: url('redis:', 'rediss:').optional(),
  KUBE_CONTEXT: z.string().optional(),
  KUBECONFIG: z.string().optional(),
  KUBERNETES_SERVICE_HOST: z.string().optional(),
  /** Set by `npm start` for its children, never by people: the emulator's kubeconfig. */
  EMULATOR_KUBECONFIG: z.string().optional(),
  /** Likewise: whether DATABASE_URL is the embedded PostgreSQL's. */
  DATABASE_EMBEDDED: z.stringbool({ error: 'must be true or false' }).default(false),
  MAX_ACTIVE_STORES: count(10, 100_000),
  WORKERS: count(1, 64),
  WORKER_CONCURRENCY: wholeNumber(2000).optional(),
  EMULATOR_READY_AFTER_MS: milliseconds(0, 600_000).default(2000),
  EMULATOR_SLEEP_AFTER_MS: milliseconds(1000, 86_400_000).default(600_000),
  STORE_PROFILE: z.enum(profileNames, { error: `must be ${profileNames.join(' or ')}` }).optional(),
  STORE_MYSQL_IMAGE: image.optional(),
  STORE_WORDPRESS_IMAGE: image.optional(),
  STORE_WP_CLI_IMAGE: image.optional(),
  STORE_REGISTRY_CONFIG: z.string().optional(),
  STORE_WOOCOMMERCE_VERSION: version.optional(),
  STORE_WOOCOMMERCE_URL: url('http:', 'https:').optional(),
  STORE_WOOCOMMERCE_SHA256: sha256.optional(),
  STORE_STOREFRONT_VERSION: version.optional(),
  STORE_STOREFRONT_URL: url('http:', 'https:').optional(),
  STORE_STOREFRONT_SHA256: sha256.optional(),
  STORE_RUNTIME: z.enum(storeRuntimes, { error: 'must be auto, wordpress or stand-in' }).default('auto'),
  STORE_PACKAGES: z.string().optional(),
  STORE_BASE_DOMAIN: domain.optional(),
  STORE_PUBLIC_PORT: anyPort.optional(),
  CLUSTER_IP: z.ipv4({ error: 'must be an IPv4 address' }).default('127.0.0.1'),
  INGRESS_CLASS: z.string().default('nginx'),
  INGRESS_NAMESPACE: z.string().default('ingress-nginx'),
  INGRESS_ADDRESS: hostAndPort.optional(),
  CORS_ORIGIN: z
    .string()
    .transform((value) => value.split(',').map((origin) => origin.trim().replace(/\/$/, '')))
    .refine((origins) => origins.every(isOrigin), {
      error: 'must be origins such as https://shops.example.com, separated by commas',
    })
    .default(['http://localhost:3001']),
  API_TOKEN: z.string().min(16, { error: 'must have at least 16 characters' }).optional(),
  API_URL: url('http:', 'https:').optional(),
});
export type Settings = z.infer<typeof Settings>;

export type Environment = Readonly<Record<string, string | undefined>>;

const loopbackHosts = new Set(['127.0.0.1', 'localhost', '::1']);

/**
 * Parses the environment that a `main.ts` hands over. An empty value counts as unset, as in a copied `.env.example`.
 * @returns every fault at once, and settings in which a faulty one has its default: enough to look for further faults.
 */
export const parseSettings = (environment: Environment): { settings: Settings; faults: string[] } => {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = Settings.safeParse(given);
  const issues = parsed.success ? [] : parsed.error.issues;
  const faulty = new Set(issues.map(nameOf));
  const usable = Object.fromEntries(Object.entries(given).filter(([name]) => !faulty.has(name)));
  return {
    settings: Settings.parse(usable),
    faults: [
      ...issues.map((issue) => describe(issue, given)),
      ...missingInProduction(given),
      ...openDoor(given),
      ...anyArchive(given),
    ],
  };
};

/** @throws ConfigError that lists every fault at once. */
export const readSettings = (environment: Environment): Settings => {
  const { settings, faults } = parseSettings(environment);
  if (faults.length > 0) throw new ConfigError(faults);
  return settings;
};

const nameOf = ({ path }: z.core.$ZodIssue): string => String(path[0]);

const describe = (issue: z.core.$ZodIssue, given: Environment): string => {
  const name = nameOf(issue);
  const secret = /TOKEN|PASSWORD|_URL$/.test(name);
  return `${name}${secret ? '' : ` is "${given[name] ?? ''}" but`} ${issue.message}`;
};

/** Nothing embedded, nothing assumed, where real shops run. */
const missingInProduction = (given: Environment): string[] => {
  if (given['NODE_ENV'] !== 'production') return [];
  const needed: [boolean, string][] = [
    [Boolean(given['DATABASE_URL'] ?? given['DB_HOST']), 'DATABASE_URL must name a PostgreSQL'],
    [Boolean(given['REDIS_URL']), 'REDIS_URL must name a Redis'],
    [Boolean(given['KUBE_CONTEXT'] ?? given['KUBERNETES_SERVICE_HOST']), 'KUBE_CONTEXT must name a cluster'],
    [Boolean(given['API_TOKEN']), 'API_TOKEN must be set'],
    [Boolean(given['STORE_PROFILE']), `STORE_PROFILE must be named: ${profileNames.join(' or ')}`],
  ];
  return needed.filter(([there]) => !there).map(([, fault]) => `${fault} when NODE_ENV is production`);
};

/** An address of one's own may hold anything, and something else tomorrow. */
const anyArchive = (given: Environment): string[] =>
  ['STORE_WOOCOMMERCE', 'STORE_STOREFRONT']
    .filter((part) => given[`${part}_URL`] && !given[`${part}_SHA256`])
    .map((part) => `${part}_URL needs ${part}_SHA256, the checksum of the archive (sha256sum FILE)`);

const openDoor = (given: Environment): string[] =>
  given['HOST'] && !loopbackHosts.has(given['HOST']) && !given['API_TOKEN']
    ? [`HOST is "${given['HOST']}", which others can reach: set API_TOKEN too, or leave HOST at 127.0.0.1`]
    : [];
