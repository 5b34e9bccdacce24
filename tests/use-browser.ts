import type { Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { openBrowser } from './open-browser.ts';

/** A store with a quick cluster is ready sooner, too. */
const answerMs = 15_000;

/** A browser that is gone when the test ends. */
export const useBrowser = async (): Promise<Page> => {
  const { page, close } = await openBrowser({ answerMs });
  onTestFinished(close);
  return page;
};
