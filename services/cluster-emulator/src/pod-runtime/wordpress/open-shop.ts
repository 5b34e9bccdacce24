import type { ChildProcess } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { realpathSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { answerVisit, phpRequestOf } from './answer-visit.ts';
import type { AwakeShops, Sleeper } from './awake-shops.ts';
import { callItself } from './call-itself.ts';
import type { CommandIo } from '../pod-runtime.ts';
import type { PhpProgram } from './php-plans.ts';
import { createPhpPool, type PhpPool } from './php-pool.ts';
import { PhpGoneError } from './php-worker-handle.ts';
import { sendWaitingPage, takesWaitingPage } from './waiting-page.ts';
import type { PhpAnswer, PhpRequest } from './worker-messages.ts';

export interface OpenShopOptions {
  /** Its docroot on this machine. */
  readonly folder: string;
  /** Starts one of its processes. */
  start(): ChildProcess;
  readonly awakeShops: AwakeShops;
  readonly timing: ShopTiming;
  /** Lines for the container's log. */
  say(line: string): void;
  /** Told whenever it changes. */
  onAsleep(asleep: boolean): void;
}

export interface ShopTiming {
  /** Without a visitor for so long, its processes are stopped. */
  readonly sleepAfterMs: number;
  /** How long one request may work: as PHP's own limit. */
  readonly longestRequestMs: number;
}

export const shopTiming: ShopTiming = { sleepAfterMs: 10 * 60_000, longestRequestMs: 30_000 };

/** A shop whose container runs; its processes may sleep. */
export interface OpenShop {
  /** Whether it has answered once: from then on it is ready, awake or not. */
  isReady(): boolean;
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Runs a program in one of its processes. @returns its exit code @throws PhpGoneError when that was killed */
  run(program: PhpProgram, io: CommandIo): Promise<number>;
  /** Resolves with the reason when it can't go on. */
  readonly hopeless: Promise<string>;
  /** Resolves when none of its processes runs any more. */
  close(): Promise<void>;
}

const mostWorkers = 2;
/** As often as WordPress looks by itself on a shop that is visited. */
const cronEveryMs = 60_000;
const askAgainMs = 1000;
/** Before a browser is shown that the shop is waking. */
const patienceMs = 1000;

export const openShop = (options: OpenShopOptions): OpenShop => {
  const { say, timing, awakeShops } = options;
  const folder = realpathSync(options.folder);
  let pool: PhpPool | undefined;
  let ready = false;
  /** Whether its processes have answered since they were started. */
  let isWarm = false;
  let visitors = 0;
  let closed = false;
  let falling = Promise.resolve();
  let giveUp: (reason: string) => void = () => {};
  const hopeless = new Promise<string>((resolve) => (giveUp = resolve));

  const wake = (): PhpPool => {
    const fresh = createPhpPool({
      start: () => options.start(),
      mostWorkers,
      longestRequestMs: timing.longestRequestMs,
      say,
      call: (text, own) => callItself(text, folder, own.serve),
    });
    void fresh.hopeless.then(giveUp);
    pool = fresh;
    awakeShops.admit(sleeper);
    options.onAsleep(false);
    return fresh;
  };

  const ask = async <T>(question: (pool: PhpPool) => Promise<T>): Promise<T> => {
    if (closed) throw new PhpGoneError('the shop is stopped');
    visitors += 1;
    try {
      const answer = await question(pool ?? wake());
      isWarm = true;
      return answer;
    } finally {
      visitors -= 1;
    }
  };
  const serve = (request: PhpRequest): Promise<PhpAnswer> => ask((awake) => awake.serve(request));

  const fallAsleep = async (): Promise<void> => {
    const leaving = pool;
    pool = undefined;
    isWarm = false;
    awakeShops.leave(sleeper);
    if (!leaving) return;
    say('The shop sleeps until its next visitor');
    options.onAsleep(true);
    falling = leaving.end();
    await falling;
  };

  const sleeper = {
    lastVisitMs: performance.now(),
    isBusy: () => visitors > 0,
    fallAsleep,
  } satisfies Sleeper;

  const rounds = setInterval(
    () => {
      if (!pool || visitors > 0) return;
      if (performance.now() - sleeper.lastVisitMs >= timing.sleepAfterMs) void fallAsleep();
    },
    Math.min(timing.sleepAfterMs / 10, 10_000),
  );
  let lastCronMs = -Infinity;
  /** What WordPress has to do from time to time, between visitors. */
  const runCron = (): void => {
    if (performance.now() - lastCronMs < cronEveryMs) return;
    lastCronMs = performance.now();
    void pool
      ?.serve(ownRequest('/wp-cron.php', '/wp-cron.php?doing_wp_cron'), { hasTime: true })
      .catch(() => undefined);
  };

  /** As the readiness probe on a real cluster: content with a login page, and with the way to the installer. */
  const becomeReady = async (): Promise<void> => {
    while (!ready) {
      const { status } = await serve(ownRequest('/wp-login.php', '/wp-login.php'));
      ready = status < 400;
      if (!ready) await pause(askAgainMs);
    }
  };
  void becomeReady().catch((error: unknown) => {
    if (!closed) giveUp(`The login page was not answered: ${String(error)}`);
  });

  return {
    isReady: () => ready,
    answer: async (request, response) => {
      const startedMs = performance.now();
      sleeper.lastVisitMs = startedMs;
      response.once('close', () => {
        const took = Math.round(performance.now() - startedMs);
        say(`${request.method} ${request.url} ${response.statusCode} ${took} ms`);
      });
      const answered = answerVisit(folder, serve, request, response);
      void answered.then(runCron, () => {});
      if (isWarm || !takesWaitingPage(request)) return answered;
      // The page goes on being made, and warms the shop for when the browser comes back.
      await Promise.race([answered, pause(patienceMs)]);
      if (!response.headersSent) sendWaitingPage(response);
      return answered;
    },
    run: (program, io) => {
      sleeper.lastVisitMs = performance.now();
      return ask((awake) => awake.run(program, io));
    },
    hopeless,
    close: async () => {
      closed = true;
      clearInterval(rounds);
      awakeShops.leave(sleeper);
      await Promise.all([pool?.end(), falling]);
    },
  };
};

/** A request of the platform itself. */
const ownRequest = (script: string, url: string): PhpRequest =>
  phpRequestOf(
    { method: 'GET', url, headers: { host: 'localhost' }, body: new Uint8Array() },
    { kind: 'script', script, pathInfo: '' },
  );
