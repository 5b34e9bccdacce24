import { readFileSync } from 'node:fs';
import { loadYaml } from '@kubernetes/client-node';
import { z } from 'zod';
import { expect, test } from 'vitest';
import { workerPermissions, nameOf } from './permissions.ts';

const ClusterRole = z.object({
  rules: z.array(
    z.object({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()) }),
  ),
});

test('the ClusterRole of the operations page grants what the worker uses, and no more', () => {
  const page = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
  const [, yaml = ''] = /```yaml\n(apiVersion: rbac[^]*?)```/.exec(page) ?? [];
  const granted = ClusterRole.parse(loadYaml(yaml)).rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => nameOf({ verb, group, resource }))),
    ),
  );
  expect(granted.toSorted()).toEqual(workerPermissions.map(nameOf).toSorted());
});
