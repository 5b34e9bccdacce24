import type { Info } from '@store-platform/shared/contract/api';

interface InstallationFooterProps {
  readonly info: Info | undefined;
  /** Undefined where nobody has signed in here. */
  readonly onSignOut: (() => void) | undefined;
}

const databases = { embedded: 'embedded PostgreSQL', external: 'PostgreSQL' } as const;
const queues = { postgresql: 'queue on PostgreSQL', redis: 'queue on Redis' } as const;

/** What this installation is, and the doors beside the dashboard. */
export const InstallationFooter = ({ info, onSignOut }: InstallationFooterProps) => (
  <footer className="mt-12 flex flex-wrap items-center justify-between gap-x-6 gap-y-3 border-t border-slate-800 pt-4 text-xs text-slate-400">
    {info ? <Facts info={info} /> : <span />}
    <nav aria-label="Beside the dashboard" className="flex flex-wrap gap-x-4 gap-y-2">
      <a className="underline hover:text-slate-200" href="/admin/queues">
        Queue board
      </a>
      <a className="underline hover:text-slate-200" href="/api/docs">
        API docs
      </a>
      {onSignOut ? (
        <button type="button" className="cursor-pointer underline hover:text-slate-200" onClick={onSignOut}>
          Sign out
        </button>
      ) : null}
    </nav>
  </footer>
);

const Facts = ({ info }: { info: Info }) => {
  const { cluster, profile, database, queue, findings } = info;
  const real = findings.find(({ code }) => code === 'shops_use_sqlite');
  const shops = real ? (
    <span title={real.message}>shops use SQLite in place of MySQL</span>
  ) : (
    'shops are stand-ins'
  );
  const parts = Object.entries(profile.parts)
    .map(([part, version]) => `${part} ${version}`)
    .join(', ');
  return (
    <div className="min-w-0 space-y-1.5 wrap-anywhere">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        {cluster.kind === 'emulated' ? (
          <>
            <span className="rounded-full bg-slate-700 px-2 py-0.5 font-semibold text-slate-200">
              emulated cluster
            </span>
            <span>{shops}</span>
          </>
        ) : (
          <span>cluster {cluster.name}</span>
        )}
        <span>· {databases[database]}</span>
        <span>· {queues[queue]}</span>
        <span>· up to {info.max_active_stores} active stores</span>
      </p>
      <p>
        <span title={parts}>Profile “{profile.name}”</span>
        {profile.end_of_life
          ? ': its parts are past their end of life and get no security fixes. For local use only.'
          : null}
      </p>
    </div>
  );
};
