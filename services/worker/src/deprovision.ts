import { teardown } from './stages/teardown.ts';

/** The end of a store, and the clean-up after a failure: the namespace takes everything with it. */
export const deprovision = [teardown];
