/** Something that is measured, and printed as tables. */
export interface Bench {
  /** As `npm run bench -- --only` takes it. */
  readonly name: string;
  readonly title: string;
  /** @returns a sentence about what it can't be without on this machine, and what to do */
  missing?(): Promise<string | undefined>;
  /** @param options.stores how many shops run at a time, where that can be chosen */
  run(options: { readonly stores: number }): Promise<void>;
}
