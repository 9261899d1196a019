// Marks matches in the text over the pages by the CSS highlight registry: nothing in the page is changed for it, so the
// selection of a person stays as it is. Not its business: finding (lib/pdf/match.ts).
import type { Match } from '../../lib/pdf/match';

export interface TextLayers {
  add(page: number, pieces: readonly HTMLElement[]): void;
  drop(page: number): void;
}

export interface Highlighting extends TextLayers {
  /** All matches by page, and the one that is looked at. */
  show(matches: ReadonlyMap<number, readonly Match[]>, current: Match | undefined): void;
  /** Where a match stands on the screen, if its page is drawn. */
  where(page: number, match: Match): DOMRect | undefined;
  clear(): void;
}

const ALL = 'review-found';
const CURRENT = 'review-current';

export function highlighting(): Highlighting {
  const layers = new Map<number, readonly HTMLElement[]>();
  let matches: ReadonlyMap<number, readonly Match[]> = new Map();
  let current: Match | undefined;
  const registry = 'highlights' in CSS ? CSS.highlights : undefined;

  function paint(): void {
    if (!registry) return;
    const all: Range[] = [];
    const one: Range[] = [];
    for (const [page, pieces] of layers) {
      for (const match of matches.get(page) ?? []) {
        const range = rangeOf(pieces, match);
        if (range) (match === current ? one : all).push(range);
      }
    }
    registry.set(ALL, new Highlight(...all));
    registry.set(CURRENT, new Highlight(...one));
  }

  return {
    add(page, pieces) {
      layers.set(page, pieces);
      paint();
    },
    drop(page) {
      if (layers.delete(page)) paint();
    },
    show(nextMatches, nextCurrent) {
      [matches, current] = [nextMatches, nextCurrent];
      paint();
    },
    where(page, match) {
      const pieces = layers.get(page);
      return pieces && rangeOf(pieces, match)?.getBoundingClientRect();
    },
    clear() {
      registry?.delete(ALL);
      registry?.delete(CURRENT);
    },
  };
}

/** Pieces without text have no node of their own; a match never begins or ends in one of them. */
export function rangeOf(pieces: readonly HTMLElement[], match: Match): Range | undefined {
  const [from, to] = [pieces[match.from.item]?.firstChild, pieces[match.to.item]?.firstChild];
  if (!from || !to) return undefined;
  const range = document.createRange();
  try {
    range.setStart(from, match.from.offset);
    range.setEnd(to, match.to.offset);
  } catch {
    return undefined;
  }
  return range;
}
