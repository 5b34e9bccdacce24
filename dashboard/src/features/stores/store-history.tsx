import type { Severity, StoreEvent } from '@store-platform/shared/contract/event';
import { useId, useState } from 'react';
import { hintOf } from '../../api/api-error.ts';
import { ErrorNotice } from '../../ui/error-notice.tsx';
import { Timestamp } from '../../ui/timestamp.tsx';
import { useStoreDetail } from './use-stores.ts';

const severityEmoji: Readonly<Record<Severity, string>> = {
  info: '▫️',
  success: '✅',
  warning: '⚠️',
  error: '❌',
};

/** The store's events, read only when somebody opens them. */
export const StoreHistory = ({ storeId }: { storeId: string }) => {
  const [open, setOpen] = useState(false);
  const panelId = useId();
  return (
    <div>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={panelId}
        onClick={() => setOpen(!open)}
        className="-mx-2 min-h-8 cursor-pointer rounded-md px-2 text-xs text-slate-300 hover:bg-slate-700 hover:text-white"
      >
        <span aria-hidden="true">{open ? '▾' : '▸'}</span> History
      </button>
      <div id={panelId} hidden={!open}>
        {open ? <Events storeId={storeId} /> : null}
      </div>
    </div>
  );
};

const Events = ({ storeId }: { storeId: string }) => {
  const { data, error } = useStoreDetail(storeId);
  if (data) return <EventList events={data.events} />;
  if (error) return <ErrorNotice message={error.message} hint={hintOf(error)} />;
  return <p className="text-xs text-slate-300">Loading the history…</p>;
};

const EventList = ({ events }: { events: readonly StoreEvent[] }) => (
  // Scrollable areas without controls take the keyboard themselves.
  <section
    aria-label="History"
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    tabIndex={0}
    className="mt-2 max-h-56 overflow-y-auto rounded-lg bg-slate-900/60 p-3"
  >
    <ol className="space-y-2 text-xs text-slate-300">
      {events.map(({ id, severity, message, created_at }) => (
        <li key={id} className="flex gap-2">
          <span aria-hidden="true">{severityEmoji[severity]}</span>
          <span className="sr-only">{severity}: </span>
          <span className="min-w-0 grow wrap-anywhere" dir="auto">
            {message}
          </span>
          <span className="shrink-0 text-slate-400">
            <Timestamp time={created_at} show="time" />
          </span>
        </li>
      ))}
    </ol>
    {events.length === 0 ? <p className="text-xs text-slate-300">Nothing has happened yet.</p> : null}
  </section>
);
