import { useQuery } from '@tanstack/react-query';
import { getInfo } from '../../api/platform.ts';
import { pollEvery } from '../../api/poll-every.ts';

/** Only the usual time to ready changes while the platform runs, and slowly. */
const INFO_POLL_MS = 30_000;

export const useInfo = ({ enabled }: { enabled: boolean }) =>
  useQuery({
    queryKey: ['info'],
    queryFn: ({ signal }) => getInfo(signal),
    enabled,
    ...pollEvery(INFO_POLL_MS),
  });
