import { useQuery } from '@tanstack/react-query';
import type { Info } from '@store-platform/shared/contract/api';
import { getInfo } from '../../api/platform.ts';
import { pollEvery } from '../../api/poll-every.ts';

/** The usual time to ready changes slowly, and the cluster is looked over once a minute. */
const INFO_POLL_MS = 30_000;
/** While what shops are made of is being fetched, or stores wait for something, people watch whether it passes. */
const PASSING_POLL_MS = 5000;

export const useInfo = ({ enabled }: { enabled: boolean }) =>
  useQuery({
    queryKey: ['info'],
    queryFn: ({ signal }) => getInfo(signal),
    enabled,
    ...pollEvery(pollMs),
  });

const pollMs = (info: Info | undefined): number => {
  const isPassing = info?.findings.some(({ code }) => code === 'shop_archives_coming');
  return isPassing || info?.missing.length ? PASSING_POLL_MS : INFO_POLL_MS;
};
