import { describe, expect, it } from 'vitest';
import {
  keptOnPage,
  ownPoint,
  pageView,
  rectBox,
  seenPoint,
  seenSize,
  toOwn,
  toSeen,
  type PageView,
  type Rotation,
} from './geometry';

/** The transform of a viewport as ISO 32000-2 8.3 and pdf.js have it, written down independently: scale, turn, flip. */
function reference(
  { box: [x0, y0, x1, y1], rotate, unit }: PageView,
  scale: number,
  x: number,
  y: number,
): [number, number] {
  const s = scale * unit;
  const [cx, cy] = [(x0 + x1) / 2, (y0 + y1) / 2];
  const turn: Record<Rotation, [number, number, number, number]> = {
    0: [1, 0, 0, -1],
    90: [0, 1, 1, 0],
    180: [-1, 0, 0, 1],
    270: [0, -1, -1, 0],
  };
  const [a, b, c, d] = turn[rotate];
  const upright = rotate % 180 === 0;
  const [halfWidth, halfHeight] = upright ? [cx - x0, cy - y0] : [cy - y0, cx - x0];
  return [s * (a * (x - cx) + c * (y - cy) + halfWidth), s * (b * (x - cx) + d * (y - cy) + halfHeight)];
}

const BOXES: PageView['box'][] = [
  [0, 0, 595, 842],
  [20, 30, 400, 700],
  [-100, -50, 200, 350],
];
const ROTATIONS: Rotation[] = [0, 90, 180, 270];
const VIEWS = BOXES.flatMap((box) =>
  ROTATIONS.flatMap((rotate) => [1, 2.5].map((unit): PageView => ({ box, rotate, unit }))),
);

describe.each(VIEWS)('a page with box $box, turned by $rotate, unit $unit', (view) => {
  const scale = 1.37;
  it('shows each point where pdf.js shows it', () => {
    for (const [x, y] of [
      [0, 0],
      [25, 40],
      [333.3, 611.1],
    ] as const) {
      const [left, top] = seenPoint(view, scale, x, y);
      const [wantedLeft, wantedTop] = reference(view, scale, x, y);
      expect(left).toBeCloseTo(wantedLeft, 6);
      expect(top).toBeCloseTo(wantedTop, 6);
      const [backX, backY] = ownPoint(view, scale, left, top);
      expect(backX).toBeCloseTo(x, 6);
      expect(backY).toBeCloseTo(y, 6);
    }
  });

  it('gives a box back as it was, in the same place', () => {
    const own = { x: view.box[0] + 12, y: view.box[1] + 34, width: 120, height: 50 };
    const back = toOwn(view, scale, toSeen(view, scale, own));
    for (const key of ['x', 'y', 'width', 'height'] as const) expect(back[key]).toBeCloseTo(own[key], 6);
  });

  it('has all of its visible box between 0 and its size', () => {
    const [x0, y0, x1, y1] = view.box;
    const seen = toSeen(view, 1, { x: x0, y: y0, width: x1 - x0, height: y1 - y0 });
    const size = seenSize(view);
    expect(seen.left).toBeCloseTo(0, 6);
    expect(seen.top).toBeCloseTo(0, 6);
    expect(seen.width).toBeCloseTo(size.width, 6);
    expect(seen.height).toBeCloseTo(size.height, 6);
  });
});

describe('a box at the upper left as seen', () => {
  const seen = { left: 10, top: 20, width: 100, height: 40 };
  const box: PageView['box'] = [50, 60, 350, 460];
  it.each<[Rotation, { x: number; y: number; width: number; height: number }]>([
    [0, { x: 60, y: 400, width: 100, height: 40 }],
    [90, { x: 70, y: 70, width: 40, height: 100 }],
    [180, { x: 240, y: 80, width: 100, height: 40 }],
    [270, { x: 290, y: 350, width: 40, height: 100 }],
  ])('turned by %s', (rotate, own) => {
    expect(toOwn({ box, rotate, unit: 1 }, 1, seen)).toEqual(own);
  });
});

describe('the view of a page', () => {
  it.each([
    [
      { view: [0, 0, 10, 20], rotate: -90 },
      { box: [0, 0, 10, 20], rotate: 270, unit: 1 },
    ],
    [
      { view: [10, 20, 0, 0], rotate: 450, userUnit: 2 },
      { box: [0, 0, 10, 20], rotate: 90, unit: 2 },
    ],
    [
      { view: [0, 0, 10, 20], rotate: 0, userUnit: -1 },
      { box: [0, 0, 10, 20], rotate: 0, unit: 1 },
    ],
  ])('%j', (page, view) => {
    expect(pageView(page)).toEqual(view);
  });
  it('takes corners in any order', () => {
    expect(rectBox([30, 40, 10, 5])).toEqual({ x: 10, y: 5, width: 20, height: 35 });
  });
});

describe('keeping a box on the page', () => {
  const page = { width: 100, height: 200 };
  it.each([
    [
      { left: -5, top: -5, width: 20, height: 20 },
      { left: 0, top: 0, width: 20, height: 20 },
    ],
    [
      { left: 95, top: 195, width: 20, height: 20 },
      { left: 80, top: 180, width: 20, height: 20 },
    ],
    [
      { left: 0, top: 0, width: 500, height: 1 },
      { left: 0, top: 0, width: 100, height: 4 },
    ],
  ])('%j', (box, kept) => {
    expect(keptOnPage(box, page, 4)).toEqual(kept);
  });
});
