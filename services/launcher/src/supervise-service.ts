import { beginLife, type ServiceLife } from './service-life.ts';
import type { ServicePlan } from './service-plan.ts';

export interface ServiceLimits {
  /** From spawn to ready. */
  readonly readyMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly stopMs: number;
  /** Before the first new start after a crash; doubles with each that follows soon. */
  readonly restartMs: number;
  readonly restartMaxMs: number;
  /** A service that lived this long starts anew with the shortest pause. */
  readonly steadyMs: number;
}

export interface SuperviseOptions {
  readonly limits: ServiceLimits;
  /** Each line that the service writes. */
  onLine(service: string, line: string): void;
  /** What there is to say about the service. */
  onTrouble(service: string, sentence: string): void;
  onSpawn(service: string, pid: number): void;
}

export interface SupervisedService {
  readonly name: string;
  /** Rejects with a StartError that holds the service's last words when its first start fails. */
  readonly ready: Promise<void>;
  /** Ends it in order and starts it again at once. */
  restart(): void;
  stop(): Promise<void>;
  /** Ends it now, and keeps it so. */
  kill(): void;
}

/** Starts a service and keeps it running, with a growing pause after each crash, until it is stopped. */
export const superviseService = (plan: ServicePlan, options: SuperviseOptions): SupervisedService => {
  const { limits } = options;
  const { name } = plan;
  let state: 'starting' | 'running' | 'restarting' | 'stopping' = 'starting';
  let pauseMs = limits.restartMs;
  let pause: NodeJS.Timeout | undefined;

  const begin = (isFirst: boolean): ServiceLife => {
    const begun = performance.now();
    const life = beginLife(plan, {
      ...limits,
      isFirst,
      onLine: (line) => options.onLine(name, line),
      onSpawn: (pid) => options.onSpawn(name, pid),
    });
    void life.ended.then((how) => afterEnd(how, performance.now() - begun));
    return life;
  };

  const afterEnd = (how: string, livedMs: number) => {
    if (state === 'starting' || state === 'stopping') return;
    if (state === 'restarting') {
      beginAgain();
      return;
    }
    if (livedMs > limits.steadyMs) pauseMs = limits.restartMs;
    options.onTrouble(name, `${how}; it starts again in ${pauseMs / 1000} s`);
    pause = setTimeout(beginAgain, pauseMs);
    pauseMs = Math.min(pauseMs * 2, limits.restartMaxMs);
  };

  const beginAgain = () => {
    clearTimeout(pause);
    pause = undefined;
    state = 'running';
    life = begin(false);
    life.ready.then(
      () => options.onTrouble(name, 'runs again'),
      () => {
        // Told by its end, which starts it once more.
      },
    );
  };

  const halt = () => {
    state = 'stopping';
    clearTimeout(pause);
  };

  let life = begin(true);
  return {
    name,
    ready: life.ready.then(() => {
      if (state === 'starting') state = 'running';
    }),
    restart: () => {
      if (state !== 'running') return;
      if (pause) return beginAgain();
      state = 'restarting';
      life.stop();
    },
    stop: async () => {
      halt();
      life.stop();
      await life.ended;
    },
    kill: () => {
      halt();
      life.kill();
    },
  };
};
