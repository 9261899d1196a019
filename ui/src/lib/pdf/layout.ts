// Where each page stands in the long column, and which pages are worth a canvas. Everything comes from the sizes in the
// sheet: no page has to be opened to know how long the column is.
import type { Size } from './zoom';

export interface Slot {
  top: number;
  width: number;
  height: number;
}

export interface Column {
  slots: readonly Slot[];
  height: number;
  width: number;
}

/** `scales`: screen units per point, page by page. */
export function column(sizes: readonly Size[], scale: (size: Size) => number, gap: number): Column {
  let top = gap;
  let widest = 0;
  const slots = sizes.map((size) => {
    const factor = scale(size);
    const slot = { top, width: size.width * factor, height: size.height * factor };
    top += slot.height + gap;
    widest = Math.max(widest, slot.width);
    return slot;
  });
  return { slots, height: top, width: widest };
}

/** Index of the first slot that ends below `y`; the last one when none does. */
export function slotAt(slots: readonly Slot[], y: number): number {
  let low = 0;
  let high = slots.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    const slot = slots[middle];
    if (slot && slot.top + slot.height > y) high = middle;
    else low = middle + 1;
  }
  return Math.max(low, 0);
}

/** What no sheet says is taken for A4. */
export function usableSizes(
  sizes: readonly { width: number | null; height: number | null }[],
  pages: number,
): Size[] {
  return Array.from({ length: pages }, (_, index) => {
    const { width = 0, height = 0 } = sizes[index] ?? {};
    return (width ?? 0) > 0 && (height ?? 0) > 0
      ? { width: width ?? 0, height: height ?? 0 }
      : { width: 595, height: 842 };
  });
}

export interface Span {
  first: number;
  last: number;
}

/** Indices that touch [top, top + height); empty (last < first) without pages. */
export function inView(slots: readonly Slot[], top: number, height: number): Span {
  if (slots.length === 0) return { first: 0, last: -1 };
  const first = slotAt(slots, top);
  let last = first;
  while (last + 1 < slots.length && (slots[last + 1]?.top ?? Infinity) < top + height) last += 1;
  return { first, last };
}

/** The page that takes up most of the view, counted from 1. */
export function mainPage(slots: readonly Slot[], top: number, height: number): number {
  const { first, last } = inView(slots, top, height);
  let best = first;
  let most = -1;
  for (let index = first; index <= last; index += 1) {
    const slot = slots[index];
    if (!slot) continue;
    const seen = Math.min(slot.top + slot.height, top + height) - Math.max(slot.top, top);
    if (seen > most + 0.5) [best, most] = [index, seen];
  }
  return best + 1;
}

export interface Bounds {
  /** Pages kept on either side. */
  beyond: number;
  /** Canvases in all. */
  canvases: number;
  /** Pixels in all; what is in view is shown whatever it costs. */
  pixels: number;
}

export const BOUNDS: Bounds = { beyond: 2, canvases: 8, pixels: 32e6 };

/** Indices that may hold a canvas, the most urgent first: what is in view, then neighbours nearest first. */
export function worthDrawing(
  span: Span,
  pages: number,
  pixels: (index: number) => number,
  bounds = BOUNDS,
): number[] {
  const list: number[] = [];
  let spent = 0;
  for (let index = span.first; index <= span.last && list.length < bounds.canvases; index += 1) {
    list.push(index);
    spent += pixels(index);
  }
  for (let distance = 1; distance <= bounds.beyond; distance += 1) {
    for (const index of [span.last + distance, span.first - distance]) {
      if (index < 0 || index >= pages || span.last < span.first) continue;
      spent += pixels(index);
      if (list.length >= bounds.canvases || spent > bounds.pixels) return list;
      list.push(index);
    }
  }
  return list;
}
