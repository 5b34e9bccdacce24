import { z } from 'zod';

/** What a process with PHP is told in its argument: no secret is in it, because anybody can read a process' arguments. */
export const PhpWorkerPlan = z.object({
  /** Tells PHPs apart where they lock files. A program takes the next number as well. */
  processId: z.number().int(),
  /** Path in PHP's file system → file or folder on this machine. */
  mounts: z.record(z.string(), z.string()),
});
export type PhpWorkerPlan = z.infer<typeof PhpWorkerPlan>;

export const PhpProgramPlan = PhpWorkerPlan.extend({
  /** The script and its arguments. */
  words: z.array(z.string()),
});
export type PhpProgramPlan = z.infer<typeof PhpProgramPlan>;
