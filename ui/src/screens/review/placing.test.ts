import { describe, expect, it } from 'vitest';
import {
  dragged,
  drawnBox,
  firstBox,
  keyed,
  numbers,
  rounded,
  SMALLEST,
  withNumber,
  type Grip,
} from './placing';

const page = { width: 600, height: 800 };
const box = { left: 100, top: 200, width: 160, height: 60 };
const inside = (b: { left: number; top: number; width: number; height: number }): boolean =>
  b.left >= 0 && b.top >= 0 && b.left + b.width <= page.width && b.top + b.height <= page.height;

describe('dragging', () => {
  it.each<[Grip, number, number, object]>([
    ['move', 10, -20, { left: 110, top: 180, width: 160, height: 60 }],
    ['move', -999, 999, { left: 0, top: 740, width: 160, height: 60 }],
    ['se', 20, 10, { left: 100, top: 200, width: 180, height: 70 }],
    ['nw', 20, 10, { left: 120, top: 210, width: 140, height: 50 }],
    ['ne', 20, 10, { left: 100, top: 210, width: 180, height: 50 }],
    ['sw', 20, 10, { left: 120, top: 200, width: 140, height: 70 }],
    ['nw', 999, 999, { left: 260 - SMALLEST, top: 260 - SMALLEST, width: SMALLEST, height: SMALLEST }],
    ['se', 9999, 9999, { left: 100, top: 200, width: 500, height: 600 }],
  ])('%s by %s, %s', (grip, dx, dy, wanted) => {
    expect(dragged(page, box, grip, dx, dy)).toEqual(wanted);
  });
});

it('draws from any corner to any other, within the page', () => {
  expect(drawnBox(page, { x: 300, y: 400 }, { x: 100, y: 100 })).toEqual({
    left: 100,
    top: 100,
    width: 200,
    height: 300,
  });
  expect(inside(drawnBox(page, { x: 590, y: 790 }, { x: 900, y: 900 }))).toBe(true);
  expect(inside(firstBox(page))).toBe(true);
  expect(
    inside(firstBox({ width: 100, height: 40 })) && firstBox({ width: 100, height: 40 }).width <= 100,
  ).toBe(true);
});

describe('keys', () => {
  const press = (key: string, how: { shiftKey?: boolean; ctrlKey?: boolean } = {}) =>
    keyed(page, box, { key, shiftKey: false, ctrlKey: false, ...how });
  it.each([
    ['ArrowLeft', {}, { ...box, left: 98 }],
    ['ArrowDown', {}, { ...box, top: 202 }],
    ['ArrowDown', { ctrlKey: true }, { ...box, top: 220 }],
    ['ArrowRight', { shiftKey: true }, { ...box, width: 162 }],
    ['ArrowUp', { shiftKey: true }, { ...box, height: 58 }],
    ['Tab', {}, undefined],
    ['toString', {}, undefined],
  ])('%s %j', (key, how, wanted) => {
    expect(press(key, how)).toEqual(wanted);
  });
});

describe('numbers', () => {
  it('are read from the lower left and written back', () => {
    expect(numbers(page, box)).toEqual({ left: 100, bottom: 540, width: 160, height: 60 });
    expect(withNumber(page, box, 'bottom', 0)).toEqual({ ...box, top: 740 });
    expect(withNumber(page, box, 'height', 100)).toEqual({ ...box, top: 160, height: 100 });
    expect(withNumber(page, box, 'left', Number.NaN)).toEqual(box);
    expect(inside(withNumber(page, box, 'width', 1e9))).toBe(true);
  });
  it('have two digits', () => {
    expect(rounded({ x: 1.005001, y: 2 })).toEqual({ x: 1.01, y: 2 });
  });
});
