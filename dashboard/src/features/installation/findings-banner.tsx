import type { Finding } from '@store-platform/shared/contract/finding';
import { Timestamp } from '../../ui/timestamp.tsx';

/** What the cluster lacks, told before anybody creates a store that will fail for it. It goes when it is mended. */
export const FindingsBanner = ({ findings }: { findings: readonly Finding[] }) => (
  <section aria-label="What the cluster lacks" aria-live="polite">
    {findings.length > 0 ? (
      <div className="mb-6 rounded-xl border border-amber-500/40 bg-amber-500/10 px-4 py-3 text-sm text-amber-100">
        <h2 className="font-semibold">
          🧰 The cluster lacks something. A store that is created now may fail.
        </h2>
        <ul className="mt-2 space-y-2">
          {findings.map(({ code, message, hint, found_at }) => (
            <li key={code} className="wrap-anywhere">
              <p>{message}</p>
              <p className="mt-0.5 text-amber-200">
                {hint}{' '}
                <span className="text-xs">
                  (since <Timestamp time={found_at} />)
                </span>
              </p>
            </li>
          ))}
        </ul>
      </div>
    ) : null}
  </section>
);
