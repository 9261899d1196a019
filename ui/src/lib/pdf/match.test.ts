import { describe, expect, it } from 'vitest';
import { fold, matches } from './match';
import { inserted, searchDocument, searchOrder, type PageMatches, type SearchReport } from './search';

const pieces = (...list: (string | [string, 'eol'])[]) =>
  list.map((each) => (typeof each === 'string' ? { str: each } : { str: each[0], hasEOL: true }));

/** The source text that a match covers. */
function covered(from: { str: string }[], query: string): string[] {
  return matches(fold(from), query).map(({ from: a, to: b }) => {
    if (a.item === b.item) return from[a.item]?.str.slice(a.offset, b.offset) ?? '';
    const between = from.slice(a.item + 1, b.item).map(({ str }) => str);
    return [from[a.item]?.str.slice(a.offset), ...between, from[b.item]?.str.slice(0, b.offset)].join('|');
  });
}

describe('finding', () => {
  it.each<[string, ReturnType<typeof pieces>, string, string[]]>([
    ['a word', pieces('The Custodian shall'), 'custodian', ['Custodian']],
    ['a word in several pieces', pieces('Cus', 'to', 'dian'), 'custodian', ['Cus|to|dian']],
    ['words over a line end', pieces(['the Fund', 'eol'], 'Manager'), 'fund manager', ['Fund|Manager']],
    ['words over many spaces', pieces('Fund   ', '  Manager'), 'fund manager', ['Fund   |  Manager']],
    ['not what only looks joined', pieces(['Fund', 'eol'], 'Manager'), 'fundmanager', []],
    ['Chinese', pieces('本协议由基金管理人与基金托管人签订'), '基金托管人', ['基金托管人']],
    ['Chinese over a line end', pieces(['基金托', 'eol'], '管人'), '基金托管人', ['基金托|管人']],
    ['Chinese set with spaces', pieces('甲 方 ： 某'), '甲方', ['甲 方']],
    ['Chinese asked with a space', pieces('甲方：某'), '甲 方', ['甲方']],
    ['full-width digits', pieces('第１２条'), '12', ['１２']],
    ['half-width asked as full-width', pieces('total 12%'), '１２％', ['12%']],
    ['compatibility radicals', pieces('\u2f00\u2f08'), '一人', ['\u2f00\u2f08']],
    ['beyond the basic plane', pieces('𠮷野家'), '野家', ['野家']],
    ['a rare character itself', pieces('a𠮷b'), '𠮷', ['𠮷']],
    ['a ligature', pieces('e\ufb03cient'), 'efficient', ['e\ufb03cient']],
    ['past a soft hyphen', pieces('cus\u00adtody'), 'custody', ['cus\u00adtody']],
    ['each place once', pieces('aaaa'), 'aa', ['aa', 'aa']],
    ['nothing for nothing', pieces('a'), '  ', []],
    ['mixed Chinese and Latin', pieces('共 5 页'), '共5页', ['共 5 页']],
  ])('%s', (_, from, query, found) => {
    expect(covered(from, query)).toEqual(found);
  });

  it('shows what stands around it', () => {
    expect(matches(fold(pieces('One Two THREE')), 'two')[0]).toMatchObject({
      before: 'One ',
      found: 'Two',
      after: ' THREE',
    });
  });
});

describe('a search of the whole document', () => {
  it('begins where one is and goes around', () => {
    expect(searchOrder(5, 3)).toEqual([3, 4, 5, 1, 2]);
    expect(searchOrder(1, 1)).toEqual([1]);
  });

  async function run(
    text: (page: number, signal: AbortSignal) => Promise<string>,
    stop = new AbortController(),
  ) {
    const found: PageMatches[] = [];
    let last: SearchReport | undefined;
    await searchDocument(
      4,
      2,
      'x',
      async (page, signal) => fold([{ str: await text(page, signal) }]),
      stop.signal,
      (each, report) => {
        if (each) found.push(each);
        last = report;
      },
    );
    return { found, last };
  }

  it('tells pages as it goes and that it is through', async () => {
    const { found, last } = await run((page) => Promise.resolve(page === 3 ? '' : 'x'));
    expect(found.map(({ page }) => page)).toEqual([2, 4, 1]);
    expect(last).toEqual({ looked: 4, failed: [], finished: true });
  });

  it('does not call a page without text empty', async () => {
    const { last } = await run((page) =>
      page === 3 ? Promise.reject(new Error('no')) : Promise.resolve('x'),
    );
    expect(last).toEqual({ looked: 4, failed: [3], finished: true });
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const { found, last } = await run((page) => {
      if (page === 3) stop.abort();
      return Promise.resolve('x');
    }, stop);
    expect(found.map(({ page }) => page)).toEqual([2]);
    expect(last?.finished).toBe(false);
  });

  it('keeps the order of the pages', () => {
    const at = (page: number): PageMatches => ({ page, matches: [] });
    expect(inserted([at(2), at(4)], at(3)).map(({ page }) => page)).toEqual([2, 3, 4]);
    expect(inserted([at(2)], at(1)).map(({ page }) => page)).toEqual([1, 2]);
    expect(inserted([], at(1)).map(({ page }) => page)).toEqual([1]);
  });
});
