// Opens the built window on a scenario: faked program, fixed clock, language, colours; then walks to the scenario's screen.
import type { Page } from 'playwright-core';
import { DOCUMENTS, serveDocuments } from './documents';
import { install } from './install';
import { NOW } from './parts';
import type { Scenario } from './scenario';
import { scenarioOf } from './scenarios/index';

export interface How {
  language?: 'zh-CN' | 'en';
  theme?: 'light' | 'dark';
  /** Where `vite preview` listens. */
  base?: string;
}

export const BASE = 'http://127.0.0.1:4173/';

function address(scenario: Scenario): string {
  switch (scenario.screen) {
    case 'review':
    case 'sign':
    case 'receipt':
      return `#/${scenario.screen}/${scenario.contract ?? 'c1'}`;
    case 'verify':
      return scenario.report === undefined ? '#/verify' : `#/verify/${scenario.report}`;
    default:
      return `#/${scenario.screen}`;
  }
}

/** Everything that a console, a page or a request complained about goes into the list that is returned. */
export async function open(page: Page, name: string, how: How = {}): Promise<string[]> {
  const { language = 'zh-CN', theme = 'light', base = BASE } = how;
  const scenario = structuredClone(scenarioOf(name));
  scenario.world.settings.language = language;
  scenario.world.settings.theme = theme;
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`page: ${String(error)}`));
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? '';
    if (!why.includes('ERR_ABORTED')) complaints.push(`request: ${request.url()} ${why}`);
  });
  await serveDocuments(page);
  await page.clock.install({ time: NOW });
  await page.emulateMedia({ colorScheme: theme });
  await page.addInitScript(install, { scenario, documents: DOCUMENTS });
  await page.goto(base + address(scenario));
  await page.waitForFunction(() => document.querySelector('#app')?.childElementCount);
  if (scenario.press !== undefined) await page.click(scenario.press);
  return complaints;
}
