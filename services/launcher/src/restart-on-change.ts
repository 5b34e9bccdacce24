import { watch } from 'node:fs';
import type { ServicePlan } from './service-plan.ts';
import type { SupervisedService } from './supervise-service.ts';

/** An editor saves in several steps. */
const calmMs = 200;

/** In development: restarts each service when something in its sources changes. Plans without sources are left alone. */
export const restartOnChange = (
  plans: readonly ServicePlan[],
  services: readonly SupervisedService[],
): { close(): void } => {
  const timers = new Map<string, NodeJS.Timeout>();
  const touch = (folder: string) => {
    for (const { name } of plans.filter(({ sources }) => sources.includes(folder))) {
      clearTimeout(timers.get(name));
      const service = services.find((one) => one.name === name);
      timers.set(
        name,
        setTimeout(() => service?.restart(), calmMs),
      );
    }
  };
  const watchers = [...new Set(plans.flatMap(({ sources }) => sources))].map((folder) =>
    watch(folder, { recursive: true }, (_, file) => {
      if (file && /(?<!\.test)\.(ts|json|php|sql)$/.test(file)) touch(folder);
    }),
  );
  return {
    close: () => {
      for (const watcher of watchers) watcher.close();
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
};
