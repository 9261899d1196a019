// Every screen bears a small window, 200 % zoom and people who do not want motion; the pictures in docs are there and small.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { settled, show, withBrowser } from './browser';
import { EACH, PICTURES, pictureName } from './pictures';

withBrowser();

/** Things with words in them that reach out of the window sideways, unless they stand in something that scrolls. */
const cut = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    const scrolls = (element: Element | null): boolean =>
      element !== null &&
      (/(auto|scroll)/.test(getComputedStyle(element).overflowX) && element.tagName !== 'MAIN'
        ? true
        : scrolls(element.parentElement));
    return [...document.querySelectorAll('main *, nav *')]
      .filter((element) => element.childElementCount === 0 && (element.textContent ?? '').trim() !== '')
      .filter((element) => {
        const box = element.getBoundingClientRect();
        return box.width > 1 && box.right > room + 1 && !scrolls(element.parentElement);
      })
      .map((element) => (element.textContent ?? '').trim().slice(0, 60));
  });

describe('room', () => {
  const SIZES = [
    ['900 × 600', { viewport: { width: 900, height: 600 } }],
    // What 200 % zoom makes of a window of 1100 × 720.
    ['200 %', { viewport: { width: 550, height: 360 }, deviceScaleFactor: 2 }],
  ] as const;
  const cases = SIZES.flatMap(([size, context]) => EACH.map((name) => [name, size, context] as const));
  it.each(cases)('%s at %s', async (name, _, context) => {
    const { page, complaints } = await show(name, { language: 'en', context });
    await settled(page);
    expect(await cut(page)).toEqual([]);
    const main = page.locator('main');
    expect(await main.evaluate((element) => element.scrollWidth - element.clientWidth)).toBeLessThanOrEqual(
      1,
    );
    expect(complaints).toEqual([]);
  });
});

describe('motion', () => {
  const moving = (page: Page) =>
    page.evaluate(
      () =>
        document
          .getAnimations()
          .filter((one) => one.playState === 'running' && Number(one.effect?.getTiming().duration) > 1)
          .length,
    );
  it.each(['sign-running', 'receipt-running', 'review-slow'])(
    '%s stands still when it is wished',
    async (name) => {
      const { page } = await show(name, { language: 'en' });
      await page.waitForTimeout(1500);
      expect(await moving(page)).toBe(0);
    },
  );
  it('is there otherwise', async () => {
    const { page } = await show('receipt-running', {
      language: 'en',
      context: { reducedMotion: 'no-preference' },
    });
    await settled(page);
    expect(await moving(page)).toBeGreaterThan(0);
  });
});

describe('the content policy of the shell', () => {
  it('is in force in these tests', async () => {
    const { page, complaints } = await show('about');
    await settled(page);
    const refused = await page.evaluate(() =>
      fetch('https://example.org/').then(
        () => false,
        () => true,
      ),
    );
    expect(refused).toBe(true);
    expect(complaints.join()).toContain('Content Security Policy');
  });
});

describe('pictures in docs/screens', () => {
  const MOST_OCTETS = 120 * 1024;
  it.each(PICTURES.map((picture) => [pictureName(picture)]))('%s', (name) => {
    const path = join(import.meta.dirname, '../../docs/screens', name);
    expect(existsSync(path)).toBe(true);
    expect(statSync(path).size).toBeLessThanOrEqual(MOST_OCTETS);
  });
});
