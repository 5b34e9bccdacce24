import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { phpRequestOf } from './answer-visit.ts';
import type { TurnOptions } from './php-pool.ts';
import { routeRequest } from './route-request.ts';
import { phpMethods, type PhpAnswer, type PhpRequest } from './worker-messages.ts';
import { tryJson } from '@store-platform/shared/text/try-json';

/** What the must-use plugin `store-platform.php` asks for. */
const OwnCall = z.object({
  method: z.enum(phpMethods),
  host: z.string(),
  url: z.string().startsWith('/'),
  /** PHP writes an empty list where there are none. */
  headers: z.union([z.record(z.string(), z.string()), z.tuple([]).transform(() => ({}))]),
  body: z.base64(),
  /** Whether WordPress waits for the answer. */
  waits: z.boolean(),
  timeoutMs: z.number(),
});

const noAnswer = JSON.stringify({ error: 'The shop did not answer itself in time.' });

/**
 * A shop's call to its own address, answered by another of its processes.
 * @param text the call as JSON
 * @param folder real path of the shop's docroot
 * @returns the answer as JSON, or `{error}`
 */
export const callItself = async (
  text: string,
  folder: string,
  php: (request: PhpRequest, options: TurnOptions) => Promise<PhpAnswer>,
): Promise<string> => {
  const call = OwnCall.safeParse(tryJson(text));
  if (!call.success) return JSON.stringify({ error: 'That is no call of a shop to itself.' });
  const { method, url, headers, host, body, waits, timeoutMs } = call.data;
  const route = await routeRequest(folder, url);
  if (route.kind !== 'script') return JSON.stringify({ error: 'Only pages can be called.' });
  const visit = { method, url, headers: { ...headers, host }, body: Buffer.from(body, 'base64') };
  const answer = php(phpRequestOf(visit, route), { hasTime: !waits }).then(
    (came) =>
      JSON.stringify({
        status: came.status,
        headers: came.headers,
        body: Buffer.from(came.body).toString('base64'),
      }),
    () => noAnswer,
  );
  // Two pages that wait for each other would hold all processes: the call gives up as any would.
  return waits
    ? Promise.race([answer, pause(Math.max(timeoutMs, 100), noAnswer, { ref: false })])
    : '{"status":202,"headers":{},"body":""}';
};
