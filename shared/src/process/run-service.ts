import { sentenceOf } from './sentence-of.ts';

export interface Service {
  stop(): Promise<void>;
}

export interface ServiceControl {
  /** Ends the process with code 1 after it said why; whoever started it starts it anew. */
  fail(error: Error): void;
}

/**
 * The life of a service's process: start, say so to whoever started it, stop on SIGTERM, on SIGINT and when that
 * process is gone. What is wrong with the settings or the surroundings becomes sentences on stderr and exit code 1.
 */
export const runService = async (
  name: string,
  start: (control: ServiceControl) => Promise<Service>,
): Promise<void> => {
  let service: Service | undefined;
  let stopping = false;

  const stop = async (code: number) => {
    if (stopping) return;
    stopping = true;
    try {
      await service?.stop();
      process.exit(code);
    } catch (error) {
      fail(error);
    }
  };
  const fail = (error: unknown) => {
    process.stderr.write(`${name}: ${sentenceOf(error)}\n`);
    if (stopping) process.exit(1);
    void stop(1);
  };
  const leave = () => void stop(0);
  process.on('SIGTERM', leave);
  process.on('SIGINT', leave);
  process.on('disconnect', leave);

  try {
    service = await start({ fail });
    process.send?.({ ready: true });
  } catch (error) {
    fail(error);
  }
};
