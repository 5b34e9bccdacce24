import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { findProgram } from '@store-platform/shared/testing/describe-with-program';

/** It talks to the shop alone: without these it also looks for its maker's servers. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface OpenBrowserOptions {
  /** For each thing that is looked for, in milliseconds. */
  readonly answerMs: number;
  /** A name that this machine can't resolve, and where it leads. */
  readonly host?: { readonly name: string; readonly address: string };
}

/** A person's browser, Debian's, without a past. `close` leaves nothing of it. */
export const openBrowser = async ({
  answerMs,
  host,
}: OpenBrowserOptions): Promise<{ page: Page; close(): Promise<void> }> => {
  const profile = await mkdtemp(join(tmpdir(), 'store-platform-test-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findProgram('chromium') ?? '',
    args: host ? [...args, `--host-resolver-rules=MAP ${host.name} ${host.address}`] : args,
    viewport: { width: 1280, height: 800 },
  });
  context.setDefaultTimeout(answerMs);
  return {
    page: context.pages()[0] ?? (await context.newPage()),
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
};
