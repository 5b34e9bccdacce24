export const Spinner = () => (
  <span
    aria-hidden="true"
    className="inline-block size-3 shrink-0 animate-spin rounded-full border-2 border-current border-t-transparent motion-reduce:animate-none"
  />
);
