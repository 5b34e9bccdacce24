import type { Store } from '@store-platform/shared/contract/store';
import { useEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { changesBetween } from './changes-between.ts';

/** Tells a screen reader which stores have arrived. It hangs on the body, where no open dialog silences it. */
export const StoreAnnouncer = ({ stores }: { stores: readonly Store[] | undefined }) => {
  const seen = useRef(stores);
  const [news, setNews] = useState({ message: '', number: 0 });
  useEffect(() => {
    const changes = changesBetween(seen.current ?? [], stores ?? seen.current ?? []);
    seen.current = stores ?? seen.current;
    if (changes.length > 0)
      setNews(({ number }) => ({ message: `${changes.join('. ')}.`, number: number + 1 }));
  }, [stores]);
  return createPortal(
    <output aria-live="polite" aria-label="News" className="sr-only">
      {/* A new element each time: the same words, as after a second failure, are read out again. */}
      <span key={news.number}>{news.message}</span>
    </output>,
    document.body,
  );
};
