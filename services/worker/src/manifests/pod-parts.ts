/** The specification's own figures for both containers. */
export const containerResources = {
  requests: { memory: '256Mi', cpu: '100m' },
  limits: { memory: '512Mi', cpu: '500m' },
};

/** What no pod of a shop needs: the cluster's API, the environment of other services, a chance to gain rights. */
export const podDefaults = {
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
};

export const noNewRights = { allowPrivilegeEscalation: false };

/** One writer a claim: the old pod must be gone before the new one starts. */
export const deploymentDefaults = {
  replicas: 1,
  revisionHistoryLimit: 1,
  strategy: { type: 'Recreate' },
};
