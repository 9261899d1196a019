// Moving a box over a page: by pointer, by keys, by numbers. All in points as seen, from the upper left of the page.
// Pure. Not its business: the page's own points (lib/pdf/geometry.ts).
import { keptOnPage, type SeenBox } from '../../lib/pdf/geometry';
import type { Size } from '../../lib/pdf/zoom';

/** Smaller than this nobody reads a name in it. */
export const SMALLEST = 16;
const USUAL: Size = { width: 160, height: 60 };
const MARGIN = 36;
const STEP = 2;
const LEAP = 20;

const WAYS = new Map([
  ['ArrowLeft', [-1, 0]],
  ['ArrowRight', [1, 0]],
  ['ArrowUp', [0, -1]],
  ['ArrowDown', [0, 1]],
]);

export type Grip = 'move' | 'nw' | 'ne' | 'sw' | 'se';

/** A first box: lower right, where signatures stand. */
export function firstBox(page: Size): SeenBox {
  const box = { ...USUAL, left: page.width - USUAL.width - MARGIN, top: page.height - USUAL.height - MARGIN };
  return keptOnPage(box, page, SMALLEST);
}

/** A box drawn from one corner to the other. */
export function drawnBox(page: Size, from: { x: number; y: number }, to: { x: number; y: number }): SeenBox {
  const inside = (at: number, end: number): number => Math.min(Math.max(at, 0), end);
  const [ax, bx] = [inside(from.x, page.width), inside(to.x, page.width)];
  const [ay, by] = [inside(from.y, page.height), inside(to.y, page.height)];
  const box = {
    left: Math.min(ax, bx),
    top: Math.min(ay, by),
    width: Math.abs(ax - bx),
    height: Math.abs(ay - by),
  };
  return keptOnPage(box, page, SMALLEST);
}

/** The box after its grip was dragged by so much; the opposite corner stays. */
export function dragged(page: Size, box: SeenBox, grip: Grip, dx: number, dy: number): SeenBox {
  if (grip === 'move') return keptOnPage({ ...box, left: box.left + dx, top: box.top + dy }, page, SMALLEST);
  const [right, bottom] = [box.left + box.width, box.top + box.height];
  const west = grip.endsWith('w');
  const north = grip.startsWith('n');
  const clamp = (at: number, low: number, high: number): number =>
    Math.min(Math.max(at, low), Math.max(low, high));
  const left = west ? clamp(box.left + dx, 0, right - SMALLEST) : box.left;
  const top = north ? clamp(box.top + dy, 0, bottom - SMALLEST) : box.top;
  return {
    left,
    top,
    width: west ? right - left : clamp(right + dx, left + SMALLEST, page.width) - left,
    height: north ? bottom - top : clamp(bottom + dy, top + SMALLEST, page.height) - top,
  };
}

/** Arrows move, with Shift they change the size, with Ctrl they leap; undefined for any other key. */
export function keyed(
  page: Size,
  box: SeenBox,
  key: { key: string; shiftKey: boolean; ctrlKey: boolean },
): SeenBox | undefined {
  const way = WAYS.get(key.key);
  if (!way) return undefined;
  const step = key.ctrlKey ? LEAP : STEP;
  const [dx = 0, dy = 0] = way.map((part) => part * step);
  return dragged(page, box, key.shiftKey ? 'se' : 'move', dx, dy);
}

/** The numbers a person reads: from the lower left, as on paper. */
export type Number4 = 'left' | 'bottom' | 'width' | 'height';

export function numbers(page: Size, box: SeenBox): Record<Number4, number> {
  const { left, top, width, height } = box;
  return { left, bottom: page.height - top - height, width, height };
}

export function withNumber(page: Size, box: SeenBox, which: Number4, value: number): SeenBox {
  if (!Number.isFinite(value)) return box;
  const now = { ...numbers(page, box), [which]: value };
  const height = Math.max(now.height, SMALLEST);
  const raw = { left: now.left, top: page.height - now.bottom - height, width: now.width, height };
  return keptOnPage(raw, page, SMALLEST);
}

/** A hundredth of a point is finer than anything shown; more digits are noise. */
export function rounded<T extends object>(values: T): T {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, Math.round(Number(value) * 100) / 100]),
  ) as T;
}
