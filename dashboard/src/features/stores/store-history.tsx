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

/** What fits beside the other cards; the older ones are shown when asked for. */
const NEWEST = 8;

const quietButton =
  '-mx-2 min-h-8 cursor-pointer rounded-md px-2 text-xs text-slate-300 hover:bg-slate-700 hover:text-white';

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
        className={quietButton}
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
  if (data) return <EventList events={data.events.toReversed()} />;
  if (error) return <ErrorNotice message={error.message} hint={hintOf(error)} />;
  return <p className="text-xs text-slate-300">Loading the history…</p>;
};

/** @param events newest first */
const EventList = ({ events }: { events: readonly StoreEvent[] }) => {
  const [all, setAll] = useState(false);
  const shown = all ? events : events.slice(0, NEWEST);
  return (
    <div className="mt-2 space-y-2 rounded-lg bg-slate-900/60 p-3">
      <ol aria-label="History, newest first" className="space-y-2 text-xs text-slate-300">
        {shown.map((event) => (
          <Event key={event.id} event={event} />
        ))}
      </ol>
      {events.length === 0 ? <p className="text-xs text-slate-300">Nothing has happened yet.</p> : null}
      {events.length > NEWEST ? (
        <button type="button" aria-expanded={all} onClick={() => setAll(!all)} className={quietButton}>
          {all ? 'Show less' : `Show all ${events.length}`}
        </button>
      ) : null}
    </div>
  );
};

const Event = ({ event: { severity, message, created_at } }: { event: StoreEvent }) => (
  <li className="flex gap-2">
    <span aria-hidden="true">{severityEmoji[severity]}</span>
    <span className="sr-only">{severity}: </span>
    <span className="min-w-0 grow wrap-anywhere" dir="auto">
      {message}
    </span>
    <span className="shrink-0 text-slate-400">
      <Timestamp time={created_at} show="time" />
    </span>
  </li>
);
