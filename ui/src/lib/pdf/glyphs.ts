// Whether the text of a page says what the page shows. A character map or a font that is missing leaves holes in the
// picture without any warning; in the text they are NULs, replacement characters, or nothing at all.

export interface TextItem {
  str: string;
  fontName?: string;
  hasEOL?: boolean;
}

/** Why the text cannot be trusted, or nothing. `drawsText`: the page has operators that show text. */
export function textTrouble(items: readonly TextItem[], drawsText: boolean): string | undefined {
  let holes = 0;
  let characters = 0;
  for (const { str } of items) {
    for (const c of str) {
      if (c === '\u0000' || c === '\ufffd') holes += 1;
      else if (c.trim() !== '') characters += 1;
    }
  }
  if (holes > 0) return `text-holes ${holes}`;
  if (characters === 0 && drawsText) return 'text-missing';
  return undefined;
}

/** Fonts in order of first use. */
export function fontsOf(items: readonly TextItem[]): string[] {
  return [
    ...new Set(items.map((item) => item.fontName).filter((name) => name !== undefined && name !== '')),
  ] as string[];
}

/** Only marks that carry text count: glyph names that pdf.js could not read show as empty strings. */
export function drawsText(operators: readonly number[], showing: readonly number[]): boolean {
  const wanted = new Set(showing);
  return operators.some((operator) => wanted.has(operator));
}
