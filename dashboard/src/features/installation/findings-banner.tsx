import { isLack, type Finding } from '@store-platform/shared/contract/finding';
import { Timestamp } from '../../ui/timestamp.tsx';

interface FindingsBannerProps {
  readonly findings: readonly Finding[];
}

/** What the cluster lacks, told before anybody creates a store that will fail for it. It goes when it is mended. */
export const FindingsBanner = ({ findings }: FindingsBannerProps) => {
  const lacks = findings.filter(isLack);
  // That shops are as they should be needs no banner: the footer says with what.
  const notes = findings.filter((finding) => !isLack(finding) && finding.code !== 'shops_use_sqlite');
  return (
    <section aria-label="What the cluster lacks" aria-live="polite">
      {lacks.length > 0 ? (
        <div className="mb-6 rounded-xl border border-amber-500/40 bg-amber-500/10 px-4 py-3 text-sm text-amber-100">
          <h2 className="font-semibold">
            🧰 The cluster lacks something. A store that is created now may fail.
          </h2>
          <Findings findings={lacks} />
        </div>
      ) : null}
      {notes.length > 0 ? (
        <div className="mb-6 rounded-xl border border-sky-500/40 bg-sky-500/10 px-4 py-3 text-sm text-sky-100">
          <Findings findings={notes} />
        </div>
      ) : null}
    </section>
  );
};

const Findings = ({ findings }: FindingsBannerProps) => (
  <ul className="space-y-2 not-first:mt-2">
    {findings.map(({ code, message, hint, found_at }) => (
      <li key={code} className="wrap-anywhere">
        <p>{message}</p>
        <p className="mt-0.5 opacity-90">
          {hint}{' '}
          {code === 'shop_archives_coming' ? null : (
            <span className="text-xs">
              (since <Timestamp time={found_at} />)
            </span>
          )}
        </p>
      </li>
    ))}
  </ul>
);
