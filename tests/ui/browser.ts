// One browser for a file of tests, a fresh page for each test.
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest';
import { CHROMIUM, FLAGS } from './chromium';
import { open, type How } from './fake/open';

let browser: Browser | undefined;
const pages: Page[] = [];

/** To be called once at the top of a file. */
export function withBrowser(): void {
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  });
  afterEach(async () => {
    await Promise.all(pages.splice(0).map((page) => page.context().close()));
  });
  afterAll(async () => {
    await browser?.close();
  });
}

export interface Shown {
  page: Page;
  complaints: string[];
}

export const SIZE = { width: 1100, height: 720 };

export async function show(
  name: string,
  how: How & { context?: BrowserContextOptions } = {},
): Promise<Shown> {
  if (!browser) throw new Error('withBrowser() is missing');
  const context = await browser.newContext({
    viewport: SIZE,
    timezoneId: 'Asia/Shanghai',
    reducedMotion: 'reduce',
    ...how.context,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  pages.push(page);
  const complaints = await open(page, name, { base: inject('base'), ...how });
  return { page, complaints };
}

/** Waits until the screen has something to read, and what was loading has come. */
export async function settled(page: Page): Promise<void> {
  await page.locator('main h1, main h2').first().waitFor();
  await page.waitForFunction(
    () => !document.querySelector('main [aria-busy="true"]:not(button)'),
    undefined,
    {
      timeout: 8000,
    },
  );
}

/** What the window asked the program for, in order. */
export const calls = (
  page: Page,
  command: string,
): Promise<{ command: string; args: Record<string, unknown> }[]> =>
  page.evaluate(
    (wanted) =>
      (
        window as unknown as { fake: { calls: { command: string; args: Record<string, unknown> }[] } }
      ).fake.calls.filter((call) => call.command === wanted),
    command,
  );

/** Lets the program say something by itself, after parts of its world became others. */
export const say = (page: Page, event: object, patch: object = {}): Promise<void> =>
  page.evaluate(
    ([what, parts]) => {
      const { fake } = window as unknown as {
        fake: { emit(event: object): void; apply(patch: object): void };
      };
      fake.apply(parts as object);
      fake.emit(what as object);
    },
    [event, patch],
  );

/** Whether the text is there within two seconds. */
export async function sees(page: Page, text: string | RegExp): Promise<void> {
  await expect.poll(() => page.locator('body').innerText(), { timeout: 5000 }).toMatch(text);
}
