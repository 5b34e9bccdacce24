import type { Info } from '@store-platform/shared/contract/api';

/** Why stores wait although the platform can be reached: no worker, a queue that is away or that somebody paused. */
export const StandstillBanner = ({ missing }: { missing: Info['missing'] }) => (
  <output className="block" aria-label="What stores wait for">
    {missing.length > 0 ? (
      <span className="mb-6 block rounded-xl border border-amber-500/40 bg-amber-500/10 px-4 py-3 text-sm text-amber-100">
        <span className="block font-semibold">⏸️ Stores wait.</span>
        {missing.map(({ part, reason }) => (
          <span key={part} className="mt-1 block wrap-anywhere">
            {reason}
          </span>
        ))}
      </span>
    ) : null}
  </output>
);
