import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { z } from 'zod';

const Credentials = z.object({
  token: z.string(),
  key: z.string(),
  cert: z.string(),
  port: z.number().int(),
});
export type Credentials = z.infer<typeof Credentials>;

const tenYears = 3650 * 24 * 3600 * 1000;

/** A certificate for loopback and a token, made once; the port is remembered, so that kubeconfigs stay good. */
export const readCredentials = async (dataDir: string): Promise<Credentials> => {
  const file = join(dataDir, 'credentials.json');
  if (existsSync(file)) return Credentials.parse(JSON.parse(await readFile(file, 'utf8')));
  const now = Date.now();
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'cluster-emulator' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - 24 * 3600 * 1000),
    notAfterDate: new Date(now + tenYears),
    extensions: [
      { name: 'basicConstraints', cA: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: '127.0.0.1' },
          { type: 2, value: 'localhost' },
        ],
      },
    ],
  });
  const made: Credentials = { token: randomBytes(24).toString('hex'), key, cert, port: 0 };
  await writeCredentials(dataDir, made);
  return made;
};

export const writeCredentials = (dataDir: string, credentials: Credentials): Promise<void> =>
  writeFile(join(dataDir, 'credentials.json'), JSON.stringify(credentials), { mode: 0o600 });

const contextName = 'store-platform-emulator';

/** For `kubectl` and for the worker; JSON is YAML. */
export const kubeconfigOf = ({ token, cert, port }: Credentials): string =>
  JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': contextName,
      clusters: [
        {
          name: contextName,
          cluster: {
            server: `https://127.0.0.1:${port}`,
            'certificate-authority-data': Buffer.from(cert).toString('base64'),
          },
        },
      ],
      users: [{ name: contextName, user: { token } }],
      contexts: [{ name: contextName, context: { cluster: contextName, user: contextName } }],
    },
    undefined,
    2,
  );
