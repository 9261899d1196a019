// Accessibility findings of a page by axe-core, and the table that is made of them.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults, Result } from 'axe-core';
import type { Page } from 'playwright-core';
import { EACH } from './pictures';

const TARGET = join(import.meta.dirname, '../../target');
const PARTS = join(TARGET, 'axe');
const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const COLOURS = ['color-contrast', 'link-in-text-block'];

export interface Examined {
  screen: string;
  language: string;
  theme: string;
  rules: number;
  findings: Result[];
}

/** `colours`: only what another theme changes. */
export async function examine(page: Page, colours = false): Promise<{ rules: number; findings: Result[] }> {
  if (!colours) await page.evaluate(SOURCE);
  const results = await page.evaluate(
    (only) =>
      (window as unknown as { axe: { run(what: Document, how: object): Promise<AxeResults> } }).axe.run(
        document,
        {
          resultTypes: ['violations'],
          runOnly: only,
        },
      ),
    colours ? COLOURS : TAGS,
  );
  return { rules: results.passes.length + results.violations.length, findings: results.violations };
}

export const grave = (findings: readonly Result[]): string[] =>
  findings
    .filter((finding) => finding.impact === 'serious' || finding.impact === 'critical')
    .flatMap((finding) =>
      finding.nodes.map(
        (node) =>
          `${finding.id}: ${node.target.join(' ')} ${(node.failureSummary ?? '').replaceAll('\n', ' ')}`,
      ),
    );

const count = (one: Examined, impact: string) =>
  one.findings
    .filter((finding) => finding.impact === impact)
    .reduce((sum, finding) => sum + finding.nodes.length, 0);

export function table(all: readonly Examined[]): string {
  const rows = all.map((one) => {
    const lesser = one.findings.map((finding) => finding.id).join(', ');
    return `| ${one.screen} | ${one.language} | ${one.theme} | ${one.rules} | ${count(one, 'critical')} | ${count(one, 'serious')} | ${count(one, 'moderate')} | ${count(one, 'minor')} | ${lesser} |`;
  });
  return [
    '| screen | language | theme | rules | critical | serious | moderate | minor | which |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

/** Each file of tests leaves its part; `gather` makes one report of them. */
export function leave(part: string, all: readonly Examined[]): void {
  mkdirSync(PARTS, { recursive: true });
  writeFileSync(join(PARTS, `${part}.json`), JSON.stringify(all));
}

/** Writes target/axe-report.md; returns the table of the screens themselves. */
export function gather(): string {
  if (!existsSync(PARTS)) return '';
  const all = readdirSync(PARTS)
    .sort()
    .flatMap((part) => JSON.parse(readFileSync(join(PARTS, part), 'utf8')) as Examined[]);
  rmSync(PARTS, { recursive: true });
  writeFileSync(join(TARGET, 'axe-report.md'), `# Accessibility by axe-core\n\n${table(all)}`);
  return table(all.filter((one) => (EACH as readonly string[]).includes(one.screen)));
}
