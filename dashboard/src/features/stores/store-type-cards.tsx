interface TypeCardProps {
  readonly value: string;
  readonly emoji: string;
  readonly title: string;
  readonly note: string;
  readonly available: boolean;
}

const TypeCard = ({ value, emoji, title, note, available }: TypeCardProps) => (
  <label className="grid cursor-pointer grid-cols-[auto_1fr] items-center gap-x-3 rounded-lg border border-slate-500 p-3 has-checked:border-blue-500 has-checked:bg-blue-500/10 has-disabled:cursor-not-allowed has-disabled:opacity-60">
    <input
      type="radio"
      name="type"
      value={value}
      defaultChecked={available}
      disabled={!available}
      className="row-span-2 size-4 shrink-0 accent-blue-500"
    />
    <span className="text-sm font-semibold text-white">
      {emoji} {title}
    </span>
    <span className="text-xs text-slate-300">{note}</span>
  </label>
);

export const StoreTypeCards = () => (
  <fieldset>
    <legend className="mb-1 text-sm font-medium text-slate-200">Store Type</legend>
    <div className="grid gap-3 sm:grid-cols-2">
      <TypeCard value="woocommerce" emoji="🛒" title="WooCommerce" note="WordPress and MySQL" available />
      <TypeCard value="medusajs" emoji="🧪" title="MedusaJS" note="coming soon" available={false} />
    </div>
  </fieldset>
);
