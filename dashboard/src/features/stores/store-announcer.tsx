import type { Store } from '@store-platform/shared/contract/store';
import { useEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { changesBetween } from './changes-between.ts';

/** Tells a screen reader which stores have arrived. It hangs on the body, where no open dialog silences it. */
export const StoreAnnouncer = ({ stores }: { stores: readonly Store[] | undefined }) => {
  const seen = useRef(stores);
  const [message, setMessage] = useState('');
  useEffect(() => {
    const changes = changesBetween(seen.current ?? [], stores ?? seen.current ?? []);
    seen.current = stores ?? seen.current;
    if (changes.length > 0) setMessage(`${changes.join('. ')}.`);
  }, [stores]);
  return createPortal(
    <output aria-live="polite" aria-label="News" className="sr-only">
      {message}
    </output>,
    document.body,
  );
};
