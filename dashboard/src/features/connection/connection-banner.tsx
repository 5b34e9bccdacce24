import { hintOf } from '../../api/api-error.ts';
import { Timestamp } from '../../ui/timestamp.tsx';

interface ConnectionBannerProps {
  readonly error: Error | null;
  /** Milliseconds since 1970; 0 when there never was an answer. */
  readonly lastSeenMs: number;
}

/** Says that what is shown may be old. It stays in the page, so that its text is announced when it comes. */
export const ConnectionBanner = ({ error, lastSeenMs }: ConnectionBannerProps) => (
  <output className="block" aria-label="Connection">
    {error ? (
      <span className="mb-6 block rounded-xl border border-amber-500/40 bg-amber-500/10 px-4 py-3 text-sm text-amber-100">
        <span className="block font-semibold">📡 {error.message}</span>
        <span className="mt-1 block">
          {hintOf(error)}
          {lastSeenMs > 0 ? (
            <>
              {' '}
              What you see is the last known state, last seen{' '}
              <Timestamp time={new Date(lastSeenMs).toISOString()} show="time" />.
            </>
          ) : null}
        </span>
      </span>
    ) : null}
  </output>
);
