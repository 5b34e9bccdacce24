import { registryCredentialsName } from './registry-credentials.ts';
import type { Shop } from './shop.ts';

/** The specification's own figures for both containers. */
export const containerResources = {
  requests: { memory: '256Mi', cpu: '100m' },
  limits: { memory: '512Mi', cpu: '500m' },
};

/** What no pod of a shop needs: the cluster's API, the environment of other services, system calls out of the ordinary. */
export const podDefaults = ({ registryConfig }: Shop) => ({
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
  ...(registryConfig !== undefined && { imagePullSecrets: [{ name: registryCredentialsName }] }),
});

/** Root hands the volume over to the server's own user and becomes that user: what this needs, and nothing else. */
const handOver = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID'] as const;

/** @param more what the server needs besides, as long as it is root */
export const serverRights = (more: readonly string[] = []) => ({
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'], add: [...handOver, ...more] },
});

/** For a container that only fetches: a user without rights, on a file system that it can't change. */
export const noRights = (user: number) => ({
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  runAsUser: user,
  runAsGroup: user,
});

/** One writer a claim: the old pod must be gone before the new one starts. */
export const deploymentDefaults = {
  replicas: 1,
  revisionHistoryLimit: 1,
  strategy: { type: 'Recreate' },
};
