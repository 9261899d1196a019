// A screen in a state: it is drawn without a complaint, fits, shows no raw key, and axe finds nothing grave.
import type { Page } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { examine, grave, leave, type Examined } from './axe';
import { settled, show, withBrowser } from './browser';
import type { Scenario } from './fake/scenario';
import { SCENARIOS } from './fake/scenarios/index';
import { EACH, LANGUAGES, THEMES } from './pictures';

/** Keys look like `sign.who` or `err-pin-locked`; a text that was forgotten shows as one. */
const KEY = /(^|\s)(sign|receipt|verify|review|desk|settings|about|common|nav|app)\.[a-z][a-z-]+(?=\s|$)/m;

async function wider(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    const over = document.documentElement.scrollWidth > room ? ['the document'] : [];
    const main = document.querySelector('main');
    if (main && main.scrollWidth > main.clientWidth + 1) over.push('main');
    return over;
  });
}

async function darken(page: Page): Promise<void> {
  // Colours that fade would be measured on their way.
  await page.evaluate(() => {
    const still = new CSSStyleSheet();
    still.replaceSync('*, *::before, *::after { transition: none !important; }');
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, still];
  });
  await page.evaluate(() => (document.documentElement.dataset['theme'] = 'dark'));
}

/** The scenarios of these screens: their plain states in both languages, the others in one, in turn. */
export function examineScreens(part: string, screens: readonly Scenario['screen'][]): void {
  withBrowser();
  const examined: Examined[] = [];
  afterAll(() => {
    leave(part, examined);
  });
  const shown = SCENARIOS.filter((scenario) => screens.includes(scenario.screen)).flatMap(({ name }, at) =>
    LANGUAGES.filter((_, which) => (EACH as readonly string[]).includes(name) || which === at % 2).map(
      (language) => [name, language] as const,
    ),
  );

  describe('screens', () => {
    it.each(shown)('%s in %s', async (name, language) => {
      const { page, complaints } = await show(name, { language });
      if (!name.endsWith('-slow')) await settled(page);
      await page.waitForTimeout(250);
      expect(await page.evaluate(() => document.documentElement.lang)).toBe(language);
      expect(await page.locator('body').innerText()).not.toMatch(KEY);
      // The PIN is never asked for in the page.
      expect(await page.locator('input[type=password]').count()).toBe(0);
      expect(await wider(page)).toEqual([]);
      const grown: string[] = [];
      for (const theme of THEMES) {
        if (theme === 'dark') await darken(page);
        const { rules, findings } = await examine(page, theme === 'dark');
        examined.push({ screen: name, language, theme, rules, findings });
        grown.push(...grave(findings));
      }
      expect(grown).toEqual([]);
      expect(complaints).toEqual([]);
    });
  });
}
