// When a page counts as seen: nearly all of it was in view, at a size at which it can be read, long enough to look.
// A page that is larger than the window is seen piece by piece, so each page is a grid of cells that are ticked off.
// Reading by mouse and by keyboard count alike: only what is in view matters, not how it came there.
//
// Not its business: whether the page could be shown (a page that was warned of is offered only as the engine's picture).

/** Cells along each side. */
const GRID = 8;
/** A cell must be in view this long; flying past does not count. */
export const LONG_ENOUGH_MS = 350;
/** This part of the cells makes a page seen: margins may be cut off. */
export const ENOUGH = 0.85;
/** Of the size on paper: ten-point type is then six units high, the least that can be read. */
export const READABLE = 0.45;

export interface View {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Watched extends View {
  page: number;
  /** 1 is the size on paper. */
  factor: number;
}

export interface Watch {
  /** Time in view, of each cell of each page that is not yet seen. */
  cells: Map<number, Float32Array>;
  seen: Set<number>;
}

export function newWatch(seen: Iterable<number>): Watch {
  return { cells: new Map(), seen: new Set(seen) };
}

/** `elapsed` ms went by with these pages laid out and this in view; answers the pages that are seen from now on. */
export function watch(state: Watch, view: View, pages: readonly Watched[], elapsed: number): number[] {
  const nowSeen: number[] = [];
  for (const page of pages) {
    if (state.seen.has(page.page) || page.factor < READABLE) continue;
    const cells = state.cells.get(page.page) ?? new Float32Array(GRID * GRID);
    state.cells.set(page.page, cells);
    if (ticked(cells, view, page, elapsed) >= ENOUGH * GRID * GRID) {
      state.seen.add(page.page);
      state.cells.delete(page.page);
      nowSeen.push(page.page);
    }
  }
  return nowSeen;
}

function ticked(cells: Float32Array, view: View, page: View, elapsed: number): number {
  let enough = 0;
  for (let row = 0; row < GRID; row += 1) {
    const y = page.top + ((row + 0.5) / GRID) * page.height;
    for (let column = 0; column < GRID; column += 1) {
      const x = page.left + ((column + 0.5) / GRID) * page.width;
      const index = row * GRID + column;
      const inView =
        y >= view.top && y < view.top + view.height && x >= view.left && x < view.left + view.width;
      if (inView) cells[index] = (cells[index] ?? 0) + elapsed;
      if ((cells[index] ?? 0) >= LONG_ENOUGH_MS) enough += 1;
    }
  }
  return enough;
}

/** Pages that were not seen, ascending. */
export function unseen(pages: number, seen: ReadonlySet<number>): number[] {
  return Array.from({ length: pages }, (_, index) => index + 1).filter((page) => !seen.has(page));
}
