// Who may import whom. `import-rules.test.ts` plants one fault for each rule, because a check that reads no
// file also passes.
const source = String.raw`^(shared|services/[^/]+|dashboard)/src/`;
const notProduct = String.raw`\.(test|contract)\.tsx?$|/testing/`;

const onlyHome = (name, dependency, home, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: source, pathNot: [home, notProduct] },
  to: { path: `(^|/)node_modules/${dependency}/` },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'nothing-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'contract-imports-only-zod',
      comment: 'The contract is read by browsers too.',
      severity: 'error',
      from: { path: '^shared/src/contract/', pathNot: notProduct },
      to: { pathNot: ['^shared/src/contract/', '(^|/)node_modules/zod/'] },
    },
    {
      name: 'lifecycle-is-pure',
      comment: 'Transitions are decided without I/O.',
      severity: 'error',
      from: { path: '^shared/src/lifecycle/', pathNot: notProduct },
      to: { pathNot: ['^shared/src/(lifecycle|contract)/'] },
    },
    {
      name: 'db-does-not-know-the-queue',
      severity: 'error',
      from: { path: '^shared/src/db/' },
      to: { path: '^shared/src/(queue|dispatch)/' },
    },
    {
      name: 'queue-does-not-know-the-db',
      severity: 'error',
      from: { path: '^shared/src/queue/', pathNot: notProduct },
      to: { path: '^shared/src/(db|dispatch)/' },
    },
    {
      name: 'services-do-not-import-each-other',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/([^/]+)/', pathNot: '^services/$1/' },
    },
    {
      name: 'shared-imports-no-service',
      severity: 'error',
      from: { path: '^shared/' },
      to: { path: '^(services|dashboard)/' },
    },
    {
      name: 'dashboard-imports-only-the-contract',
      severity: 'error',
      from: { path: '^dashboard/src/' },
      to: { path: '^(shared/src/(?!contract/)|services/)' },
    },
    {
      name: 'dashboard-points-one-way',
      comment: 'app ← features ← ui',
      severity: 'error',
      from: { path: '^dashboard/src/(ui|api)/', pathNot: notProduct },
      to: { path: '^dashboard/src/(features|app)/' },
    },
    {
      name: 'features-do-not-import-app',
      severity: 'error',
      from: { path: '^dashboard/src/features/', pathNot: notProduct },
      to: { path: '^dashboard/src/app/' },
    },
    {
      name: 'stages-do-not-know-db-or-queue',
      severity: 'error',
      from: { path: '^services/worker/src/(stages|manifests|wordpress)/' },
      to: { path: '^shared/src/(db|queue|dispatch)/' },
    },
    {
      name: 'runner-does-not-touch-kubernetes',
      comment: 'It may name the type of a cluster, nothing more; cluster.ts holds types alone.',
      severity: 'error',
      from: { path: '^services/worker/src/runner/', pathNot: notProduct },
      to: { path: '^(shared/src/kube/(?!cluster[.]ts$)|services/worker/src/(stages|manifests)/)' },
    },
    {
      name: 'only-the-worker-writes-to-kubernetes',
      comment: 'The launcher may look whether a context is there, which reads a file.',
      severity: 'error',
      from: { path: '^(services/(?!worker/)|dashboard/)', pathNot: notProduct },
      to: { path: '^shared/src/kube/(?!connect-cluster[.]ts$)' },
    },
    onlyHome(
      'pg-has-one-home',
      'pg',
      '^shared/src/(db|embedded-postgres)/',
      'SQL is spoken in shared/src/db.',
    ),
    onlyHome(
      'bullmq-has-one-home',
      '(bullmq|ioredis)',
      '^shared/src/queue/',
      'The queue is ours to replace.',
    ),
    onlyHome(
      'client-node-has-one-home',
      '@kubernetes/client-node',
      '^shared/src/kube/',
      'One wrapper owns its traps.',
    ),
    onlyHome(
      'php-wasm-has-one-home',
      '@php-wasm',
      '^services/cluster-emulator/src/pod-runtime/wordpress/',
      'It is an optional dependency, run in processes of its own.',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(shared|services/[^/]+|dashboard|dashboard/server)/dist/' },
    parser: 'swc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.css', '.json'],
    },
  },
};
