import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { findProgram } from '@store-platform/shared/testing/describe-with-program';

/** It talks to this machine alone: without these it also looks for its maker's servers. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** For each thing that is looked for. A store with a quick cluster is ready sooner, too. */
const answerMs = 15_000;

/** A person's browser, Debian's, without a past; gone when the test ends. */
export const useBrowser = async (): Promise<Page> => {
  const profile = await mkdtemp(join(tmpdir(), 'store-platform-test-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findProgram('chromium') ?? '',
    args,
    viewport: { width: 1280, height: 800 },
  });
  context.setDefaultTimeout(answerMs);
  onTestFinished(async () => {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  });
  return context.pages()[0] ?? context.newPage();
};
