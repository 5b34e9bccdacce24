import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from '@store-platform/shared/config/config-error';
import { parseSettings, type Environment } from '@store-platform/shared/config/settings';

const Login = z
  .looseObject({ auth: z.string().min(1) })
  .or(z.looseObject({ username: z.string(), password: z.string() }));
const DockerConfig = z.object({ auths: z.record(z.string(), Login) });

/**
 * The file that STORE_REGISTRY_CONFIG names, for the pull secret of each store.
 * @returns its logins alone, as Kubernetes wants them: a person's own file may hold more.
 * @throws ConfigError when it can't be read, or holds no login that a cluster could use. It never repeats what it holds.
 */
export const findRegistryConfig = (environment: Environment): string | undefined => {
  const { STORE_REGISTRY_CONFIG: path } = parseSettings(environment).settings;
  if (!path) return undefined;
  const config = DockerConfig.safeParse(readJson(path));
  if (!config.success || Object.keys(config.data.auths).length === 0) {
    throw new ConfigError([
      `STORE_REGISTRY_CONFIG names ${path}, which holds no "auths" with a login each; a login in a credential store of this machine is of no use to a cluster`,
    ]);
  }
  return JSON.stringify(config.data);
};

const readJson = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof SyntaxError ? 'is not JSON' : 'cannot be read';
    throw new ConfigError([`STORE_REGISTRY_CONFIG names ${path}, which ${reason}`]);
  }
};
