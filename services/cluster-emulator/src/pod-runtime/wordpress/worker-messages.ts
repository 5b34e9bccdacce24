import { z } from 'zod';
import { PhpProgram } from './php-plans.ts';

/** What crosses the channel between the platform and a process of PHP. Each side checks what the other says. */

/** What PHP is asked with; anything else is refused before. */
export const phpMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

const Bytes = z.instanceof(Uint8Array);

/** A request that PHP is to answer. */
export const PhpRequest = z.object({
  /** Of the script, in PHP's file system. */
  script: z.string(),
  method: z.enum(phpMethods),
  /** Path and query, as the visitor sent it. */
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  body: Bytes,
  /** What PHP finds in `$_SERVER`, besides what follows from the headers. */
  server: z.record(z.string(), z.string()),
});
export type PhpRequest = z.infer<typeof PhpRequest>;

export const PhpAnswer = z.object({
  status: z.number().int(),
  headers: z.record(z.string(), z.array(z.string())),
  body: Bytes,
});
export type PhpAnswer = z.infer<typeof PhpAnswer>;

export const ToWorker = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('serve'), request: PhpRequest }),
  /** A program, as a command line would run it, with what is compiled already. Told `said`, then `ended`. */
  z.object({ kind: z.literal('run'), program: PhpProgram }),
  /** The answer to a `call`, as the must-use plugin reads it. */
  z.object({ kind: z.literal('called'), id: z.number(), text: z.string() }),
]);
export type ToWorker = z.infer<typeof ToWorker>;

export const FromWorker = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  /** `words` is what PHP wrote to its error log; `memoryBytes` what the process holds now. */
  z.object({ kind: z.literal('answer'), answer: PhpAnswer, words: z.string(), memoryBytes: z.number() }),
  z.object({ kind: z.literal('said'), stream: z.enum(['stdout', 'stderr']), bytes: Bytes }),
  z.object({ kind: z.literal('ended'), exitCode: z.number().int(), memoryBytes: z.number() }),
  /** The runtime itself broke: this process can't go on. */
  z.object({ kind: z.literal('broken'), words: z.string() }),
  /** WordPress calls its own address: see `store-platform.php`. */
  z.object({ kind: z.literal('call'), id: z.number(), text: z.string() }),
]);
export type FromWorker = z.infer<typeof FromWorker>;
