import { z } from 'zod';
import type { KubeObject } from './kube-object.ts';

const Conditions = z.object({
  status: z
    .object({
      conditions: z
        .array(z.object({ type: z.string(), status: z.string(), message: z.string().default('') }))
        .default([]),
    })
    .default({ conditions: [] }),
});

/** @returns what Kubernetes says of an object in its status; none where it says nothing yet */
export const conditionsOf = (object: KubeObject) => Conditions.parse(object).status.conditions;
