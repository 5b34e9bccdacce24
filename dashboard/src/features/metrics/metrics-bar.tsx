import type { Metrics } from '@store-platform/shared/contract/api';

const cards = [
  { title: 'Total Stores', emoji: '🏪', of: 'total' },
  { title: 'Active Stores', emoji: '✅', of: 'active' },
  { title: 'Provisioning', emoji: '⏳', of: 'provisioning' },
  { title: 'Failed', emoji: '❌', of: 'failed' },
] as const;

/** @param metrics undefined while nothing is known */
export const MetricsBar = ({ metrics }: { metrics: Metrics | undefined }) => (
  <dl aria-label="Metrics" className="grid grid-cols-2 gap-3 sm:gap-4 lg:grid-cols-4">
    {cards.map(({ title, emoji, of }) => (
      <div
        key={of}
        className="flex items-start justify-between gap-2 rounded-2xl sm:items-center border border-slate-700 bg-slate-800 p-4"
      >
        <div className="flex min-w-0 flex-col-reverse">
          <dt className="text-sm whitespace-nowrap text-slate-300">{title}</dt>
          <dd className="text-3xl font-bold text-white tabular-nums">{metrics?.[of] ?? '–'}</dd>
        </div>
        <span aria-hidden="true" className="text-2xl sm:text-3xl">
          {emoji}
        </span>
      </div>
    ))}
  </dl>
);
