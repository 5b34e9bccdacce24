import type { KubeConfig } from '@kubernetes/client-node';
import { PlatformError } from '../contract/problem.ts';
import { cleanText } from '../text/clean-text.ts';
import { KubeStatusError, isCertificateError, isNetworkError, toPlatformError } from './kube-error.ts';

/** Why the platform can't start with this cluster: which one it is, what is wrong, and what to do. */
export const startError = (
  error: unknown,
  kubeConfig: Pick<KubeConfig, 'getCurrentCluster' | 'getCurrentContext' | 'getCurrentUser'>,
): unknown => {
  const server = kubeConfig.getCurrentCluster()?.server ?? 'no address';
  const context = kubeConfig.getCurrentContext();
  const which = `The cluster of the context "${context}", ${server},`;
  const words = error instanceof Error ? cleanText(error.message) : '';
  const refuse = (code: PlatformError['code'], what: string, hint: string) =>
    new PlatformError(code, `${which} ${what}`, { cause: error, hint });
  if (isCertificateError(error)) {
    return refuse(
      'cluster_away',
      `shows a certificate that the kubeconfig does not vouch for (${words}).`,
      "Check certificate-authority-data of this cluster in the kubeconfig, and that the address is the certificate's.",
    );
  }
  if (error instanceof KubeStatusError && error.status === 401) {
    const user = kubeConfig.getCurrentUser()?.name ?? '';
    return refuse(
      'cluster_unauthenticated',
      `does not accept the credentials of the user "${user}" (${words}).`,
      'Renew its token or certificate in the kubeconfig.',
    );
  }
  if (error instanceof KubeStatusError && error.status === 404) {
    return refuse(
      'cluster_rejected',
      `is no Kubernetes (${words}).`,
      'Correct the address in the kubeconfig.',
    );
  }
  if (isNetworkError(error) || (error instanceof KubeStatusError && error.status >= 500)) {
    return refuse(
      'cluster_away',
      `does not answer (${words}).`,
      'Start the cluster, correct its address in the kubeconfig, or name another context in KUBE_CONTEXT.',
    );
  }
  return toPlatformError(error);
};
