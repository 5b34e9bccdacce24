export interface Closers {
  add(close: () => Promise<void> | void): void;
  /** Closes all, the last opened first, whatever one of them says. @throws AggregateError of what they threw. */
  closeAll(): Promise<void>;
}

/** What was opened is closed in the reverse order, also when something later could not be opened. */
export const createClosers = (): Closers => {
  const closers: (() => Promise<void> | void)[] = [];
  return {
    add: (close) => void closers.push(close),
    closeAll: async () => {
      const errors: unknown[] = [];
      for (const close of closers.splice(0).toReversed()) {
        try {
          await close();
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length > 0) throw new AggregateError(errors, 'Not everything could be closed');
    },
  };
};
