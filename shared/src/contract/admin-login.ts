/** The specification's login. It is public, so only shops that no other machine can reach may have it. */
const knownLogin = { username: 'admin', password: 'Admin@123' } as const;

/** @returns whether `hostname` can only mean this machine: loopback names, and nip.io names of 127.0.0.0/8. */
export const isLoopbackDomain = (hostname: string): boolean =>
  hostname === 'localhost' ||
  hostname.endsWith('.localhost') ||
  /(^|\.)127\.\d{1,3}\.\d{1,3}\.\d{1,3}(\.nip\.io)?$/.test(hostname);

/**
 * @param shopUrl the store's `url`.
 * @returns the login; `password` is null where the store has one of its own, kept in its Kubernetes Secret.
 */
export const adminLogin = (shopUrl: string): { username: string; password: string | null } =>
  isLoopbackDomain(new URL(shopUrl).hostname)
    ? knownLogin
    : { username: knownLogin.username, password: null };
