import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { describeWithProgram } from '@store-platform/shared/testing/describe-with-program';
import { createStoreOver, followTo, startPlatform, usePlatformFolder } from './start-platform.ts';
import { useBrowser } from './use-browser.ts';

const awkwardNames = ['W'.repeat(100), '<b>bold</b> & "quoted"', 'مكتبة الميناء للكتب القديمة'];

/** Where everything that holds a place of its own lies, in CSS pixels. */
const placesOf = (page: Page): Promise<readonly string[]> =>
  page.$$eval('header, dl, h2, article, article *, footer', (elements) =>
    elements.map((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      return `${element.tagName} ${x} ${y} ${width} ${height}`;
    }),
  );

/** @returns by how many CSS pixels the page is wider than its window. */
const excessWidth = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

const nextPoll = (page: Page) => page.waitForResponse((response) => response.url().endsWith('/api/stores'));

describeWithProgram('chromium', 'the dashboard’s page', () => {
  it('fits the narrowest phone, stands still from poll to poll, and breaks no policy', async () => {
    const platform = await startPlatform(await usePlatformFolder());
    for (const name of awkwardNames) {
      await followTo(platform.api, await createStoreOver(platform.api, name), 'ready');
    }
    const page = await useBrowser();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', ({ message }) => complaints.push(message));
    await page.goto(platform.dashboard);
    await page.getByText(`Your Stores (${awkwardNames.length})`).waitFor();

    for (const width of [375, 320]) {
      await page.setViewportSize({ width, height: 640 });
      expect(await excessWidth(page)).toBe(0);
      await page.getByRole('button', { name: '+ Create Store' }).click();
      expect(await excessWidth(page)).toBe(0);
      await page.keyboard.press('Escape');
    }
    await page.getByRole('link', { name: '⚙️ Admin' }).first().focus();
    const tip = await page.getByRole('tooltip').boundingBox();
    expect(tip?.x).toBeGreaterThanOrEqual(0);
    expect((tip?.x ?? 0) + (tip?.width ?? 0)).toBeLessThanOrEqual(320);

    await page.setViewportSize({ width: 1280, height: 800 });
    await nextPoll(page);
    const places = await placesOf(page);
    for (const poll of ['first', 'second']) {
      await nextPoll(page);
      expect(await placesOf(page), `after the ${poll} poll`).toEqual(places);
    }
    expect(complaints).toEqual([]);
  });
});
