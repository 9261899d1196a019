// Whether one may go on to signing, and if not, why and what to do about it. Pure. Rust decides again by itself.
import type { FindingShown, ReviewSheet } from '../../lib/ipc';

export type Obstacle =
  | { why: 'rejected' }
  | { why: 'moved-on' }
  | { why: 'source-changed' }
  | { why: 'refused' }
  | { why: 'unseen'; pages: number[] }
  /** Only the engine's own picture of these pages can be relied on. */
  | { why: 'unrelied'; pages: number[] }
  | { why: 'findings'; left: number };

/** Two findings of one code on different pages are accepted separately. */
export function findingKey(finding: FindingShown): string {
  return `${finding.code}\n${String(finding.page ?? '')}\n${finding.detail}`;
}

export function blocking(findings: readonly FindingShown[]): FindingShown[] {
  return findings.filter((finding) => finding.weight === 'block');
}

/** Codes of which every finding was accepted. */
export function acceptedCodes(findings: readonly FindingShown[], keys: ReadonlySet<string>): string[] {
  const block = blocking(findings);
  const open = new Set(block.filter((finding) => !keys.has(findingKey(finding))).map(({ code }) => code));
  return [...new Set(block.map(({ code }) => code))].filter((code) => !open.has(code));
}

/** The way back, for a screen that is opened again. */
export function keysOf(findings: readonly FindingShown[], codes: readonly string[]): Set<string> {
  return new Set(
    blocking(findings)
      .filter(({ code }) => codes.includes(code))
      .map(findingKey),
  );
}

/** The first thing that stands against going on. */
export function obstacle(
  sheet: Pick<ReviewSheet, 'card' | 'signable' | 'findings' | 'all_pages_must_be_seen'>,
  unseenPages: readonly number[],
  unreliedPages: readonly number[],
  accepted: ReadonlySet<string>,
): Obstacle | undefined {
  if (sheet.card.state === 'rejected') return { why: 'rejected' };
  if (sheet.card.state !== 'to-review' && sheet.card.state !== 'waiting-for-token')
    return { why: 'moved-on' };
  if (sheet.card.source === 'changed') return { why: 'source-changed' };
  if (!sheet.signable) return { why: 'refused' };
  if (sheet.all_pages_must_be_seen && unseenPages.length > 0)
    return { why: 'unseen', pages: [...unseenPages] };
  if (unreliedPages.length > 0) return { why: 'unrelied', pages: [...unreliedPages] };
  const left = blocking(sheet.findings).filter((finding) => !accepted.has(findingKey(finding))).length;
  return left > 0 ? { why: 'findings', left } : undefined;
}

const WEIGHTS = ['block', 'warn', 'note'];

/** The heaviest first, then by page; those of the whole document before those of a page. */
export function sorted(findings: readonly FindingShown[]): FindingShown[] {
  const weight = (finding: FindingShown): number => WEIGHTS.indexOf(finding.weight);
  return [...findings].sort((a, b) => weight(a) - weight(b) || (a.page ?? 0) - (b.page ?? 0));
}

/** For thumbnails: the heaviest weight on each page, and how many findings. */
export function markers(
  findings: readonly FindingShown[],
): Map<number, { weight: FindingShown['weight']; count: number }> {
  const marks = new Map<number, { weight: FindingShown['weight']; count: number }>();
  for (const finding of sorted(findings)) {
    if (finding.page === null) continue;
    const mark = marks.get(finding.page) ?? { weight: finding.weight, count: 0 };
    marks.set(finding.page, { ...mark, count: mark.count + 1 });
  }
  return marks;
}
