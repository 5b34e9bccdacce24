import { z } from 'zod';

/** Path in PHP's file system → file or folder on this machine. */
const Mounts = z.record(z.string(), z.string());

/** What a process with PHP is told in its argument: no secret is in it, because anybody can read a process' arguments. */
export const PhpWorkerPlan = z.object({
  /** Tells PHPs apart where they lock files. The programs that it runs take the next number as well. */
  processId: z.number().int(),
  mounts: Mounts,
});
export type PhpWorkerPlan = z.infer<typeof PhpWorkerPlan>;

export const PhpProgram = z.object({
  /** Seen as long as it runs. */
  mounts: Mounts,
  /** The script and its arguments. */
  words: z.array(z.string()),
});
export type PhpProgram = z.infer<typeof PhpProgram>;

export const PhpProgramPlan = PhpWorkerPlan.extend(PhpProgram.shape);
export type PhpProgramPlan = z.infer<typeof PhpProgramPlan>;
