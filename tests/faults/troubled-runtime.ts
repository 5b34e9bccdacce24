import { createStandInRuntime } from '../../services/cluster-emulator/src/pod-runtime/stand-in/stand-in-runtime.ts';
import type { PodRuntime } from '../../services/cluster-emulator/src/pod-runtime/pod-runtime.ts';

/** What goes wrong in the pods of one part of one store: each stands in for what the runtime would do. */
interface PodTrouble {
  readonly namespace: string;
  readonly app: 'mysql' | 'woocommerce';
  readonly run?: PodRuntime['run'];
  readonly isReady?: PodRuntime['isReady'];
  readonly exec?: PodRuntime['exec'];
  readonly refuses?: PodRuntime['refuses'];
  readonly http?: PodRuntime['http'];
}

export interface TroubledRuntime extends PodRuntime {
  /** The stand-in without troubles. */
  readonly healthy: PodRuntime;
  /** @returns a function that heals it */
  trouble(trouble: PodTrouble): () => void;
}

/** Pods as the stand-in plays them, each of which can be made to fare badly. */
export const createTroubledRuntime = (): TroubledRuntime => {
  const healthy = createStandInRuntime();
  const troubles = new Set<PodTrouble>();
  const troubleOf = <K extends Exclude<keyof PodTrouble, 'namespace' | 'app'>>(
    { namespace, app }: { namespace: string; app: string },
    what: K,
  ): PodTrouble[K] | undefined =>
    [...troubles].find((each) => each.namespace === namespace && each.app === app && each[what])?.[what];
  return {
    healthy,
    trouble: (trouble) => {
      troubles.add(trouble);
      return () => troubles.delete(trouble);
    },
    run: (pod, container, io) => (troubleOf(pod, 'run') ?? healthy.run)(pod, container, io),
    isReady: (pod) => (troubleOf(pod, 'isReady') ?? healthy.isReady)(pod),
    probe: (...asked) => healthy.probe(...asked),
    exec: (pod, ...asked) => (troubleOf(pod, 'exec') ?? healthy.exec)(pod, ...asked),
    refuses: (pod, ...asked) => troubleOf(pod, 'refuses')?.(pod, ...asked),
    http: (pod, ...asked) => (troubleOf(pod, 'http') ?? healthy.http)(pod, ...asked),
  };
};
