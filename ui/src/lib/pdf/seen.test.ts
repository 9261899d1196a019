import { describe, expect, it } from 'vitest';
import { newWatch, unseen, watch, type View, type Watched } from './seen';

const page = (number: number, top: number, height = 1000, factor = 1): Watched => ({
  page: number,
  left: 0,
  top,
  width: 700,
  height,
  factor,
});
const view = (top: number, height: number, left = 0, width = 800): View => ({ left, top, width, height });

/** Looks at each view for `ms` in steps of 100. */
function look(pages: Watched[], views: View[], ms: number): number[] {
  const state = newWatch([]);
  const seen: number[] = [];
  for (const each of views)
    for (let gone = 0; gone < ms; gone += 100) seen.push(...watch(state, each, pages, 100));
  return seen;
}

describe('a page is seen', () => {
  it.each<[string, Watched[], View[], number, number[]]>([
    ['when all of it was in view for a moment', [page(1, 0)], [view(0, 1000)], 400, [1]],
    ['not when it flew past', [page(1, 0)], [view(0, 1000)], 300, []],
    ['not when half of it was in view, however long', [page(1, 0)], [view(0, 500)], 60_000, []],
    ['when only margins were cut off', [page(1, 0)], [view(40, 910)], 400, [1]],
    ['in two halves', [page(1, 0)], [view(0, 500), view(500, 500)], 400, [1]],
    [
      'piece by piece when it is larger than the window',
      [page(1, 0, 4000, 4)],
      [0, 800, 1600, 2400, 3200].map((top) => view(top, 800)),
      400,
      [1],
    ],
    ['not without its right side', [page(1, 0, 1000, 4)], [view(0, 1000, 0, 400)], 4000, []],
    ['not at a size that nobody can read', [page(1, 0, 1000, 0.44)], [view(0, 1000)], 4000, []],
    ['together with its neighbour', [page(1, 0, 400), page(2, 420, 400)], [view(0, 900)], 400, [1, 2]],
    ['each at its own time', [page(1, 0), page(2, 1000)], [view(0, 1000), view(1000, 1000)], 400, [1, 2]],
    ['not when another page was looked at', [page(1, 0), page(2, 1000)], [view(1000, 1000)], 400, [2]],
  ])('%s', (_, pages, views, ms, seen) => {
    expect(look(pages, views, ms)).toEqual(seen);
  });

  it('once only', () => {
    const state = newWatch([2]);
    const pages = [page(1, 0, 400), page(2, 400, 400)];
    expect(watch(state, view(0, 800), pages, 1000)).toEqual([1]);
    expect(watch(state, view(0, 800), pages, 1000)).toEqual([]);
    expect(unseen(3, state.seen)).toEqual([3]);
    expect(state.cells.size).toBe(0);
  });
});
