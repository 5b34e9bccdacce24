import { setTimeout as pause } from 'node:timers/promises';
import { at, numberAt, objectsAt, stringAt, type JsonObject } from '../objects/json.ts';
import type { KubeObject } from '../objects/object-store.ts';
import { createPodLog, type PodLog, type WritablePodLog } from '../pod-runtime/pod-log.ts';
import type { CommandIo, PlacedContainer, PlacedPod, PodRuntime } from '../pod-runtime/pod-runtime.ts';
import { refuseImage } from './image-refusal.ts';
import { MissingReferenceError } from './place-pod.ts';
import { timeNow, type ContainerView } from './pod-status.ts';
import type { EventContent } from './record-event.ts';

export interface RunPodOptions {
  readonly runtime: PodRuntime;
  /** How long a container takes from its start to ready, in milliseconds. */
  readonly readyAfterMs: number;
  /** @throws MissingReferenceError */
  place(): PlacedPod;
  /** Told of each change. */
  write(containers: readonly ContainerView[]): void;
  tell(event: EventContent): void;
  /** The pod's processes sleep, or are awake again. */
  onAsleep(asleep: boolean): void;
}

/** A pod that runs: what a kubelet does with it. */
export interface RunningPod {
  /** Undefined while something is missing that its containers refer to. */
  placed(): PlacedPod | undefined;
  log(container: string, previous: boolean): PodLog | undefined;
  /** @returns undefined when that container doesn't run */
  exec(container: string): ((command: readonly string[], io: CommandIo) => Promise<number>) | undefined;
  /** Something was made that it may wait for. */
  wake(): void;
  /** Resolves when nothing of it runs any more. */
  end(): Promise<void>;
}

interface Container extends ContainerView {
  readonly fieldPath: string;
  readonly probe: { readonly command: readonly string[]; readonly periodMs: number } | undefined;
  ready: boolean;
  restartCount: number;
  state: JsonObject;
  lastState: JsonObject;
  log: WritablePodLog | undefined;
  previousLog: WritablePodLog | undefined;
}

const killedCode = 137;
const askAgainMs = 100;
const missingAgainMs = 1000;
/** As a kubelet does it, with shorter times: at once after the first end, then twice as long after each. */
const backOffMs = (ends: number): number => (ends <= 1 ? 0 : Math.min(1000 * 2 ** (ends - 2), 30_000));

/** Runs a pod's init containers one after the other, then its containers, and each again when it ends. */
export const runPod = (pod: KubeObject, options: RunPodOptions): RunningPod => {
  const { runtime, readyAfterMs, onAsleep } = options;
  const ending = new AbortController();
  const { signal } = ending;
  const inits = containersOf(pod, 'initContainers');
  const mains = containersOf(pod, 'containers');
  const all = [...inits, ...mains];
  let placed: PlacedPod | undefined;
  let wake = () => {};

  const write = () => {
    if (!signal.aborted) options.write(all);
  };
  const tell = ({ fieldPath }: Container, event: EventContent) => options.tell({ ...event, fieldPath });
  const rest = (ms: number) => pause(ms, undefined, { signal });
  const wait = (container: Container, reason: string, message?: string) => {
    container.state = { waiting: { reason, ...(message && { message }) } };
    write();
  };

  const place = async (): Promise<PlacedPod> => {
    for (;;) {
      try {
        return options.place();
      } catch (error) {
        if (!(error instanceof MissingReferenceError)) throw error;
        tellMissing(error);
        const woken = new Promise<void>((resolve) => (wake = resolve));
        await Promise.race([woken, rest(missingAgainMs)]);
      }
    }
  };
  const tellMissing = ({ by, message }: MissingReferenceError) => {
    const container = 'container' in by ? all.find(({ name }) => name === by.container) : undefined;
    if (container) {
      tell(container, { type: 'Warning', reason: 'Failed', message: `Error: ${message}` });
      wait(container, 'CreateContainerConfigError', message);
    } else if ('volume' in by) {
      const told = `MountVolume.SetUp failed for volume "${by.volume}" : ${message}`;
      options.tell({ type: 'Warning', reason: 'FailedMount', message: told });
      write();
    }
  };

  const awaitImage = async (container: Container, inside: PlacedPod): Promise<void> => {
    const { image } = container;
    const warn = (what: string, text: string) =>
      tell(container, { type: 'Warning', reason: what, message: text });
    for (let tries = 2; ; tries += 1) {
      const refused = refuseImage(image) ?? runtime.refuses?.(inside, image);
      if (!refused) return;
      const { reason, message } = refused;
      if (reason === 'InvalidImageName') warn('InspectFailed', message);
      else warn('Failed', `Failed to pull image "${image}": ${message}`);
      warn('Failed', `Error: ${reason}`);
      wait(container, reason, message);
      await rest(backOffMs(2));
      if (reason === 'ErrImagePull') {
        const told = `Back-off pulling image "${image}"`;
        tell(container, { reason: 'BackOff', message: told });
        wait(container, 'ImagePullBackOff', told);
      }
      await rest(backOffMs(tries));
    }
  };

  const becomeReady = async (container: Container, inside: PlacedPod, { name }: PlacedContainer) => {
    const started = container.state;
    const played = rest(readyAfterMs);
    await Promise.race([played, runtime.startsByItself?.(inside, signal) ?? played]);
    for (;;) {
      const { probe } = container;
      const place = inside.containers.find((candidate) => candidate.name === name);
      const complaint = probe && place ? await runtime.probe(inside, place, probe.command) : undefined;
      const answers = await runtime.isReady(inside);
      if (container.state !== started) return;
      if (complaint === undefined && answers) break;
      if (complaint !== undefined) {
        const message = `Readiness probe failed: ${complaint}`;
        tell(container, { type: 'Warning', reason: 'Unhealthy', message });
      }
      await rest(complaint === undefined ? askAgainMs : (probe?.periodMs ?? askAgainMs));
    }
    container.ready = true;
    write();
  };

  /** One run of a container, from its image to its end. @returns its exit code */
  const run = async (container: Container, inside: PlacedPod): Promise<number> => {
    await awaitImage(container, inside);
    const pulling = (message: string) => tell(container, { reason: 'Pulling', message });
    await runtime.pull?.(inside, { tell: pulling, signal });
    const found = [...inside.initContainers, ...inside.containers].find(
      ({ name }) => name === container.name,
    );
    if (!found) throw new Error(`The pod has no container ${container.name}`);
    const log = createPodLog();
    container.previousLog = container.log;
    container.log = log;
    const startedAt = timeNow();
    container.state = { running: { startedAt } };
    tell(container, { reason: 'Started', message: `Started container ${container.name}` });
    write();
    if (!container.isInit) void becomeReady(container, inside, found).catch(ignoreEnd);
    const end = await runtime.run(inside, found, { log, signal, onAsleep });
    log.end();
    signal.throwIfAborted();
    container.ready = false;
    container.state = { terminated: { ...end, startedAt, finishedAt: timeNow() } };
    return end.exitCode;
  };

  const beforeNext = async (container: Container, ends: number): Promise<void> => {
    container.lastState = container.state;
    const ms = backOffMs(ends);
    write();
    if (ms > 0) {
      tell(container, {
        type: 'Warning',
        reason: 'BackOff',
        message: 'Back-off restarting failed container',
      });
      const { namespace = '', name, uid } = pod.metadata;
      const which = `container=${container.name} pod=${name}_${namespace}(${uid})`;
      wait(container, 'CrashLoopBackOff', `back-off ${ms / 1000}s restarting failed ${which}`);
    }
    await rest(ms);
    container.restartCount += 1;
  };

  const live = async (): Promise<void> => {
    write();
    placed = await place();
    const inside = placed;
    for (const container of inits) {
      for (let ends = 1; (await run(container, inside)) !== 0; ends += 1) await beforeNext(container, ends);
      container.ready = true;
      write();
    }
    const keepRunning = async (container: Container) => {
      for (let ends = 1; ; ends += 1) {
        await run(container, inside);
        await beforeNext(container, ends);
      }
    };
    await Promise.allSettled(mains.map(keepRunning));
  };
  const ignoreEnd = (error: unknown) => {
    if (!signal.aborted) throw error;
  };
  const life = live().catch(ignoreEnd);

  return {
    placed: () => placed,
    log: (name, previous) => {
      const container = all.find((candidate) => candidate.name === name);
      if (!container || !previous) return container?.log;
      // While it waits for its next run, the one that ended is the last and the one before.
      const isBetween = 'waiting' in container.state && 'terminated' in container.lastState;
      return isBetween ? container.log : container.previousLog;
    },
    exec: (name) => {
      const inside = placed;
      const container = mains.find((candidate) => candidate.name === name);
      if (!inside || !container || !('running' in container.state)) return undefined;
      return (command, io) =>
        untilKilled(signal, io, (joined) => runtime.exec(inside, name, command, joined));
    },
    wake: () => wake(),
    end: async () => {
      ending.abort();
      await life;
    },
  };
};

/** A command goes with its pod, as by SIGKILL. */
const untilKilled = async (
  killing: AbortSignal,
  io: CommandIo,
  run: (io: CommandIo) => Promise<number>,
): Promise<number> => {
  const leaving = new AbortController();
  const leave = () => leaving.abort();
  io.signal.addEventListener('abort', leave, { once: true });
  const killed = new Promise<number>((resolve) => {
    const kill = () => {
      leave();
      resolve(killedCode);
    };
    killing.addEventListener('abort', kill, { once: true });
  });
  return Promise.race([run({ ...io, signal: leaving.signal }), killed]);
};

const containersOf = (pod: KubeObject, which: 'initContainers' | 'containers'): Container[] => {
  const isInit = which === 'initContainers';
  const hasInits = objectsAt(pod, 'spec', 'initContainers').length > 0;
  return objectsAt(pod, 'spec', which).map((spec) => {
    const name = stringAt(spec, 'name') ?? '';
    return {
      name,
      image: stringAt(spec, 'image') ?? '',
      isInit,
      fieldPath: `spec.${which}{${name}}`,
      probe: isInit ? undefined : probeOf(spec),
      ready: false,
      restartCount: 0,
      state: { waiting: { reason: hasInits ? 'PodInitializing' : 'ContainerCreating' } },
      lastState: {},
      log: undefined,
      previousLog: undefined,
    };
  });
};

/** Those that ask over the network are the runtime's own. */
const probeOf = (container: JsonObject): Container['probe'] => {
  const command = at(container, 'readinessProbe', 'exec', 'command');
  const periodMs = (numberAt(container, 'readinessProbe', 'periodSeconds') ?? 10) * 1000;
  return Array.isArray(command) ? { command: command.map(String), periodMs } : undefined;
};
