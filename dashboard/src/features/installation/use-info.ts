import { useQuery } from '@tanstack/react-query';
import { getInfo } from '../../api/platform.ts';
import { pollEvery } from '../../api/poll-every.ts';

/** The usual time to ready changes slowly, and the cluster is looked over once a minute. */
const INFO_POLL_MS = 30_000;

export const useInfo = ({ enabled }: { enabled: boolean }) =>
  useQuery({
    queryKey: ['info'],
    queryFn: ({ signal }) => getInfo(signal),
    enabled,
    ...pollEvery(INFO_POLL_MS),
  });
