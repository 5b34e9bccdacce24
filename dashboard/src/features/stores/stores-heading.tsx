export const storesHeadingId = 'stores-heading';

/** @param count undefined while nothing is known */
export const StoresHeading = ({ count }: { count: number | undefined }) => (
  <h2 id={storesHeadingId} tabIndex={-1} className="mb-4 text-xl font-bold text-white">
    Your Stores{count === undefined ? '' : ` (${count})`}
  </h2>
);
