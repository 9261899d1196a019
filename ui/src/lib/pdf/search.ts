// Searches a whole document page by page: the page that is looked at first, then onward and around. Matches come as they
// are found; it can be stopped at any page. Not its business: folding and matching (match.ts), highlighting.
import { matches, type Folded, type Match } from './match';

export interface PageMatches {
  page: number;
  matches: Match[];
}

export interface SearchReport {
  /** Pages looked through. */
  looked: number;
  /** Pages whose text could not be had: a silence there is no "not found". */
  failed: number[];
  finished: boolean;
}

/** 3, 4, 5, 1, 2 for page 3 of 5. */
export function searchOrder(pages: number, from: number): number[] {
  return Array.from({ length: pages }, (_, step) => ((from - 1 + step) % pages) + 1);
}

export async function searchDocument(
  pages: number,
  from: number,
  query: string,
  text: (page: number, signal: AbortSignal) => Promise<Folded>,
  signal: AbortSignal,
  progress: (found: PageMatches | undefined, report: SearchReport) => void,
): Promise<void> {
  const report: SearchReport = { looked: 0, failed: [], finished: false };
  for (const page of searchOrder(pages, from)) {
    let found: Match[] = [];
    try {
      found = matches(await text(page, signal), query);
    } catch {
      if (signal.aborted) return;
      report.failed = [...report.failed, page];
    }
    if (signal.aborted) return;
    report.looked += 1;
    progress(found.length > 0 ? { page, matches: found } : undefined, { ...report });
  }
  progress(undefined, { ...report, finished: true });
}

/** Sorted into the order of the pages. */
export function inserted(list: readonly PageMatches[], found: PageMatches): PageMatches[] {
  const at = list.findIndex((each) => each.page > found.page);
  return at < 0 ? [...list, found] : [...list.slice(0, at), found, ...list.slice(at)];
}
