import { describe, expect, it, vi } from 'vitest';
import { drawsText, fontsOf, textTrouble } from './glyphs';
import { hearConsole, warningLog, type PageWarning } from './warnings';

function log() {
  const told: PageWarning[] = [];
  return { told, log: warningLog((warning) => told.push(warning)) };
}

describe('a warning', () => {
  it('belongs to the page in work', () => {
    const { told, log: it } = log();
    it.enter(3);
    it.printed('Warning: Unable to decode image "img_p2_1"');
    it.enter(4);
    expect(told).toEqual([{ page: 3, text: 'Unable to decode image "img_p2_1"' }]);
    expect(it.of(3)).toHaveLength(1);
    expect(it.of(4)).toEqual([]);
  });

  it('from opening the file belongs to every page', () => {
    const { told, log: it } = log();
    it.printed('Warning: Indexing all PDF objects');
    expect(told).toEqual([]);
    it.enter(1);
    it.enter(2);
    expect(told.map(({ page }) => page)).toEqual([1, 2]);
  });

  it('is told once, and not without end', () => {
    const { told, log: it } = log();
    it.enter(1);
    for (let n = 0; n < 100; n += 1) it.printed('Warning: the same');
    expect(told).toHaveLength(1);
    for (let n = 0; n < 100; n += 1) it.printed(`Warning: another ${String(n)}`);
    expect(told).toHaveLength(20);
  });

  it('is only what pdf.js calls one', () => {
    const { told, log: it } = log();
    it.enter(1);
    it.printed('[svelte] something of ours');
    expect(told).toEqual([]);
  });

  it('of a font follows the font to later pages, and spares fonts that were good before', () => {
    const { told, log: it } = log();
    it.enter(1);
    it.fonts(1, ['good']);
    it.enter(2);
    it.printed('Warning: loadFont - translateFont failed');
    it.fonts(2, ['good', 'bad']);
    it.enter(3);
    it.fonts(3, ['good']);
    it.enter(4);
    it.fonts(4, ['bad']);
    expect(told.map(({ page }) => page)).toEqual([2, 4]);
  });
});

describe('the console', () => {
  it('is heard and left as it was', () => {
    const before = console.warn;
    const quiet = vi.fn();
    console.warn = quiet;
    const heard: string[] = [];
    const first = hearConsole((text) => heard.push(`1 ${text}`));
    const second = hearConsole((text) => heard.push(`2 ${text}`));
    console.warn('Warning: x');
    first();
    console.warn('Warning: y');
    second();
    console.warn('Warning: z');
    expect(heard).toEqual(['1 Warning: x', '2 Warning: x', '2 Warning: y']);
    expect(quiet).toHaveBeenCalledTimes(3);
    expect(console.warn).toBe(quiet);
    console.warn = before;
  });
});

describe('the text of a page', () => {
  it.each<[string, string[], boolean, string | undefined]>([
    ['is good', ['基金托管协议', ' ', 'Agreement'], true, undefined],
    ['has NULs where a character map is missing', ['甲方：', '\u0000\u0000'], true, 'text-holes 2'],
    ['has replacement characters', ['a\ufffdb'], true, 'text-holes 1'],
    ['is empty though something is written', ['', ' '], true, 'text-missing'],
    ['is empty on a page of pictures', [], false, undefined],
  ])('%s', (_, items, draws, trouble) => {
    expect(
      textTrouble(
        items.map((str) => ({ str })),
        draws,
      ),
    ).toBe(trouble);
  });

  it('names its fonts, and operators tell whether text is drawn', () => {
    expect(
      fontsOf([
        { str: 'a', fontName: 'f1' },
        { str: '', fontName: '' },
        { str: 'b', fontName: 'f1' },
        { str: 'c' },
      ]),
    ).toEqual(['f1']);
    expect(drawsText([10, 44, 11], [44, 45])).toBe(true);
    expect(drawsText([10, 11], [44, 45])).toBe(false);
  });
});
