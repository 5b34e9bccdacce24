import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerVisit, docroot, phpRequestOf } from './answer-visit.ts';
import { callItself } from './call-itself.ts';
import { createPhpPool } from './php-pool.ts';
import type { PhpProcesses } from './php-processes.ts';
import type { PhpRequest } from './worker-messages.ts';

export interface OpenShopOptions {
  /** Its docroot on this machine. */
  readonly folder: string;
  /** The container's environment, with what is secret. */
  readonly env: Readonly<Record<string, string>>;
  readonly processes: PhpProcesses;
  /** Lines for the container's log. */
  say(line: string): void;
}

/** A shop whose container runs. */
export interface OpenShop {
  /** Whether it has answered. */
  isReady(): boolean;
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Resolves with the reason when it can't go on. */
  readonly hopeless: Promise<string>;
  /** Resolves when none of its processes runs any more. */
  close(): Promise<void>;
}

const mostWorkers = 2;
const longestRequestMs = 30_000;
const cronMs = 60_000;

export const openShop = ({ folder, env, processes, say }: OpenShopOptions): OpenShop => {
  let ready = false;
  const pool = createPhpPool({
    start: () => processes.worker({ mounts: { [docroot]: folder }, env }),
    mostWorkers,
    longestRequestMs,
    say,
    call: (text, own) => callItself(text, folder, (request) => own.serve(request)),
  });
  // As the readiness probe on a real cluster: the login page, whatever it answers.
  void pool.serve(ownRequest('/wp-login.php', '/wp-login.php')).then(
    () => {
      ready = true;
    },
    () => undefined,
  );
  const cron = setInterval(() => {
    void pool.serve(ownRequest('/wp-cron.php', '/wp-cron.php?doing_wp_cron')).catch(() => undefined);
  }, cronMs);
  return {
    isReady: () => ready,
    answer: (request, response) => {
      const startedMs = performance.now();
      response.once('close', () => {
        say(`${request.method} ${request.url} ${response.statusCode} ${Math.round(performance.now() - startedMs)} ms`);
      });
      return answerVisit(folder, (asked) => pool.serve(asked), request, response);
    },
    hopeless: pool.hopeless,
    close: () => {
      clearInterval(cron);
      return pool.end();
    },
  };
};

/** A request of the platform itself. */
const ownRequest = (script: string, url: string): PhpRequest =>
  phpRequestOf(
    { method: 'GET', url, headers: { host: 'localhost' }, body: new Uint8Array() },
    { kind: 'script', script, pathInfo: '' },
  );
