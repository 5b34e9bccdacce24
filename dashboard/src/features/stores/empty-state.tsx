import { useRef } from 'react';
import { Button } from '../../ui/button.tsx';
import { useFocusHeir } from '../../ui/use-focus-heir.ts';
import { storesHeadingId } from './stores-heading.tsx';

export const EmptyState = ({ onCreate }: { onCreate: () => void }) => {
  const box = useRef<HTMLDivElement>(null);
  useFocusHeir(box, storesHeadingId);
  return (
    <div
      ref={box}
      className="flex flex-col items-center rounded-2xl border border-dashed border-slate-600 px-4 py-16 text-center"
    >
      <p aria-hidden="true" className="text-6xl">
        🏪
      </p>
      <h3 className="mt-4 text-xl font-bold text-white">No stores yet</h3>
      <p className="mt-2 mb-6 max-w-sm text-slate-300">
        Type a name, and a WooCommerce shop that sells comes up on Kubernetes.
      </p>
      <Button tone="primary" onClick={onCreate}>
        + Create your first store
      </Button>
    </div>
  );
};
