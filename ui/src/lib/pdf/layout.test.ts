import { describe, expect, it } from 'vitest';
import { BOUNDS, column, inView, mainPage, slotAt, usableSizes, worthDrawing } from './layout';
import { factorOf, LARGEST, pixelRatio, SMALLEST, stepped, UNITS_PER_POINT } from './zoom';

const A4 = { width: 595, height: 842 };
const long = column(
  Array.from({ length: 500 }, () => A4),
  () => 1,
  10,
);

describe('the column', () => {
  it('stacks pages of different sizes and scales', () => {
    const { slots, height, width } = column(
      [A4, { width: 842, height: 595 }],
      (size) => 595 / size.width,
      10,
    );
    expect(slots[0]).toEqual({ top: 10, width: 595, height: 842 });
    expect(slots[1]?.top).toBe(862);
    expect(slots[1]?.width).toBeCloseTo(595);
    expect(width).toBeCloseTo(595);
    expect(height).toBeCloseTo(862 + (595 * 595) / 842 + 10);
  });

  it.each([
    [0, 0],
    [851, 0],
    [852, 1],
    [862, 1],
    [1e9, 499],
    [-5, 0],
  ])('at %s has slot %s', (y, index) => {
    expect(slotAt(long.slots, y)).toBe(index);
  });

  it.each([
    [0, 800, 0, 0],
    [0, 900, 0, 1],
    [852 * 100, 852, 100, 100],
    [852 * 100 + 400, 1000, 100, 101],
    [1e9, 800, 499, 499],
  ])('from %s over %s shows %s to %s', (top, height, first, last) => {
    expect(inView(long.slots, top, height)).toEqual({ first, last });
  });

  it('has no pages in view when it has none', () => {
    expect(inView([], 0, 100)).toEqual({ first: 0, last: -1 });
    expect(worthDrawing({ first: 0, last: -1 }, 0, () => 1)).toEqual([]);
  });

  it.each([
    [0, 1],
    [500, 2],
    [1e9, 500],
  ])('scrolled to %s is on page %s', (top, page) => {
    expect(mainPage(long.slots, top, 800)).toBe(page);
  });
});

it('has a size for every page, whatever the sheet says', () => {
  const sizes = usableSizes(
    [
      { width: 100, height: 200 },
      { width: null, height: 5 },
      { width: 0, height: 5 },
    ],
    4,
  );
  expect(sizes).toEqual([{ width: 100, height: 200 }, A4, A4, A4]);
});

describe('canvases', () => {
  it('are what is in view, then neighbours, the nearest first', () => {
    expect(worthDrawing({ first: 10, last: 11 }, 500, () => 1)).toEqual([10, 11, 12, 9, 13, 8]);
    expect(worthDrawing({ first: 0, last: 0 }, 2, () => 1)).toEqual([0, 1]);
  });

  it('are bounded in number and in pixels, wherever one scrolls', () => {
    for (let top = 0; top < long.height; top += 333) {
      const list = worthDrawing(inView(long.slots, top, 8000), 500, () => 1e6);
      expect(list.length).toBeLessThanOrEqual(BOUNDS.canvases);
    }
    expect(worthDrawing({ first: 5, last: 5 }, 500, () => 16e6)).toEqual([5, 6]);
    expect(worthDrawing({ first: 5, last: 5 }, 500, () => 40e6)).toEqual([5]);
  });
});

describe('zoom', () => {
  const room = { width: 1000, height: 800 };
  it.each([
    [{ fit: 'width' } as const, 1000 / (595 * UNITS_PER_POINT)],
    [{ fit: 'page' } as const, 800 / (842 * UNITS_PER_POINT)],
    [{ factor: 2 }, 2],
    [{ factor: 9 }, LARGEST],
    [{ factor: 0.1 }, SMALLEST],
  ])('%j', (zoom, factor) => {
    expect(factorOf(zoom, A4, room)).toBeCloseTo(factor, 9);
  });

  it('goes up and down in steps and stays within bounds', () => {
    expect(stepped(1, 1)).toBe(1.1);
    expect(stepped(1, -1)).toBe(0.9);
    expect(stepped(0.832, 1)).toBe(0.9);
    expect(stepped(LARGEST, 1)).toBe(LARGEST);
    expect(stepped(SMALLEST, -1)).toBe(SMALLEST);
    expect(stepped(0.2, -1)).toBe(SMALLEST);
  });

  it('caps the pixels of a canvas', () => {
    expect(pixelRatio({ width: 800, height: 1000 }, 2)).toBe(2);
    const shown = { width: 3200, height: 4500 };
    const ratio = pixelRatio(shown, 2);
    expect(shown.width * ratio * shown.height * ratio).toBeLessThanOrEqual(16e6 + 1);
    expect(pixelRatio({ width: 0, height: 0 }, 2)).toBe(1);
  });
});
