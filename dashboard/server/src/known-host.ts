const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

/**
 * A foreign name in `Host` means that somebody else's page points its own name at this machine (DNS rebinding).
 * Names are what such a page can choose; the port may differ, as through a tunnel.
 * @param hostNames what else this dashboard is called
 */
export const isKnownHost = (host: string | undefined, hostNames: readonly string[]): boolean => {
  const name = (host ?? '').replace(/:\d+$/, '').toLowerCase();
  return [...loopbackNames, ...hostNames].includes(name);
};
