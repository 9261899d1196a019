// Finding words in the text of a page. A PDF has no lines and no words, only pieces of text at places: a word may run
// over several pieces, Chinese has no spaces but is broken at line ends, and the same character may come in a full-width
// or a compatibility form. So both sides are folded the same way, and each folded unit remembers where it came from.

/** Where a match begins and ends: piece of text, and UTF-16 offset in it. */
export interface Match {
  from: { item: number; offset: number };
  /** Exclusive. */
  to: { item: number; offset: number };
  /** For the list of matches. */
  before: string;
  found: string;
  after: string;
}

export interface Folded {
  text: string;
  /** The same units with capitals as they are, for showing. */
  shown: string;
  /** For each unit of `text`: piece, and offset of the source character with its length. */
  items: Uint32Array;
  offsets: Uint32Array;
  lengths: Uint8Array;
}

interface Piece {
  str: string;
  hasEOL?: boolean | undefined;
}

const CJK =
  /[\u2e80-\u303f\u3040-\u30ff\u3100-\u312f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef]|[\u{20000}-\u{323af}]/u;
const CONTEXT = 24;
const MOST_PER_PAGE = 500;

export function fold(pieces: readonly Piece[]): Folded {
  // Parts, joined at the end: a string that grows unit by unit keeps every step of its growth in memory.
  const text: string[] = [];
  const shown: string[] = [];
  const items: number[] = [];
  const offsets: number[] = [];
  const lengths: number[] = [];
  let gap: { item: number; offset: number } | undefined;
  let last = '';

  const put = (c: string, as: string, item: number, offset: number, length: number): void => {
    for (let unit = 0; unit < c.length; unit += 1) {
      items.push(item);
      offsets.push(offset);
      lengths.push(length);
    }
    text.push(c);
    shown.push(as.length === c.length ? as : c);
  };

  pieces.forEach((piece, item) => {
    let offset = 0;
    for (const source of piece.str) {
      for (const as of source.normalize('NFKC')) {
        const c = as.toLowerCase();
        if (c.trim() === '' || c === '\u00ad' || c === '\u200b') {
          if (c !== '\u00ad' && c !== '\u200b') gap ??= { item, offset };
          continue;
        }
        // A space next to Chinese says nothing; elsewhere many are as good as one.
        if (gap && last !== '' && !CJK.test(last) && !CJK.test(c)) put(' ', ' ', gap.item, gap.offset, 0);
        gap = undefined;
        put(c, as, item, offset, source.length);
        last = c;
      }
      offset += source.length;
    }
    if (piece.hasEOL) gap ??= { item, offset: piece.str.length };
  });
  return {
    text: text.join(''),
    shown: shown.join(''),
    items: Uint32Array.from(items),
    offsets: Uint32Array.from(offsets),
    lengths: Uint8Array.from(lengths),
  };
}

/** All places, in reading order. */
export function matches(folded: Folded, query: string): Match[] {
  const wanted = fold([{ str: query }]).text;
  if (wanted === '') return [];
  const list: Match[] = [];
  for (let at = folded.text.indexOf(wanted); at >= 0 && list.length < MOST_PER_PAGE;) {
    const end = at + wanted.length;
    const last = end - 1;
    list.push({
      from: { item: folded.items[at] ?? 0, offset: folded.offsets[at] ?? 0 },
      to: {
        item: folded.items[last] ?? 0,
        offset: (folded.offsets[last] ?? 0) + (folded.lengths[last] ?? 0),
      },
      before: folded.shown.slice(Math.max(0, at - CONTEXT), at),
      found: folded.shown.slice(at, end),
      after: folded.shown.slice(end, end + CONTEXT),
    });
    at = folded.text.indexOf(wanted, end);
  }
  return list;
}
