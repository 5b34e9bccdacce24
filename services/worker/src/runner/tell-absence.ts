import type { PlatformError } from '@store-platform/shared/contract/problem';
import type { ClusterPresence } from '@store-platform/shared/kube/cluster';
import type { Logger } from '@store-platform/shared/log/logger';
import type { StageContext } from './stage.ts';

export interface AbsenceTeller {
  presence: Pick<ClusterPresence, 'absence' | 'onChange'>;
  note: StageContext['note'];
  /** Writes down that nobody watches, or that somebody does again: what a worker that dies had watched is counted by it. */
  markWatching(isWatching: boolean): Promise<unknown>;
  logger: Logger;
}

/** Tells a stage's people that it waits for the cluster: once when it goes, once when it is back. */
export const tellAbsence = ({ presence, note, markWatching, logger }: AbsenceTeller) => {
  let last: Promise<void> = Promise.resolve();
  const tell = async (absence: PlatformError | undefined) => {
    await markWatching(absence === undefined);
    if (absence)
      await note(`${absence.message} The stage waits until it is back. ${absence.hint}`, 'warning');
    else await note('Kubernetes answers again; the stage goes on.');
  };
  const follow = (absence: PlatformError | undefined) => {
    last = last
      .then(() => tell(absence))
      // A claim that was lost has nothing to tell; a database that is away hears of it no more.
      .catch((error: unknown) =>
        logger.debug({ err: error }, 'A stage could not tell that Kubernetes is away'),
      );
  };
  const leave = presence.onChange(follow);
  const absence = presence.absence();
  if (absence) follow(absence);
  return {
    /** Resolves when all is told. */
    stop: (): Promise<void> => {
      leave();
      return last;
    },
  };
};
