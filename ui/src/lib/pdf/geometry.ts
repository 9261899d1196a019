// From what is seen of a page to the page's own points and back (ISO 32000-2 7.7.3.3): own points have their origin at
// the lower left, before /Rotate, and a visible box that need not start at 0. Seen points run down from the upper left.

export type Rotation = 0 | 90 | 180 | 270;

/** How a page lies: `box` is what is visible of it (CropBox within MediaBox), `unit` its /UserUnit. */
export interface PageView {
  box: readonly [number, number, number, number];
  rotate: Rotation;
  unit: number;
}

/** In units of the screen, from the upper left of the page as it is shown. */
export interface SeenBox {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** In the page's own points. */
export interface OwnBox {
  x: number;
  y: number;
  width: number;
  height: number;
}

export function pageView(page: { view: readonly number[]; rotate: number; userUnit?: number }): PageView {
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = page.view;
  const rotate = ((((Math.round(page.rotate / 90) * 90) % 360) + 360) % 360) as Rotation;
  const unit = page.userUnit !== undefined && page.userUnit > 0 ? page.userUnit : 1;
  return { box: [Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1)], rotate, unit };
}

/** Width and height as seen, in default user space units (1/72 inch). */
export function seenSize(view: PageView): { width: number; height: number } {
  const [x0, y0, x1, y1] = view.box;
  const [width, height] = [(x1 - x0) * view.unit, (y1 - y0) * view.unit];
  return view.rotate % 180 === 0 ? { width, height } : { width: height, height: width };
}

/** A point of the screen (from the upper left of the page) as the page's own. `scale`: screen units per 1/72 inch. */
export function ownPoint(view: PageView, scale: number, left: number, top: number): [number, number] {
  const [x0, y0, x1, y1] = view.box;
  const [right, down] = [left / (scale * view.unit), top / (scale * view.unit)];
  switch (view.rotate) {
    case 90:
      return [x0 + down, y0 + right];
    case 180:
      return [x1 - right, y0 + down];
    case 270:
      return [x1 - down, y1 - right];
    default:
      return [x0 + right, y1 - down];
  }
}

export function seenPoint(view: PageView, scale: number, x: number, y: number): [number, number] {
  const [x0, y0, x1, y1] = view.box;
  const factor = scale * view.unit;
  switch (view.rotate) {
    case 90:
      return [(y - y0) * factor, (x - x0) * factor];
    case 180:
      return [(x1 - x) * factor, (y - y0) * factor];
    case 270:
      return [(y1 - y) * factor, (x1 - x) * factor];
    default:
      return [(x - x0) * factor, (y1 - y) * factor];
  }
}

export function toOwn(view: PageView, scale: number, seen: SeenBox): OwnBox {
  const [ax, ay] = ownPoint(view, scale, seen.left, seen.top);
  const [bx, by] = ownPoint(view, scale, seen.left + seen.width, seen.top + seen.height);
  return { x: Math.min(ax, bx), y: Math.min(ay, by), width: Math.abs(ax - bx), height: Math.abs(ay - by) };
}

export function toSeen(view: PageView, scale: number, own: OwnBox): SeenBox {
  const [ax, ay] = seenPoint(view, scale, own.x, own.y);
  const [bx, by] = seenPoint(view, scale, own.x + own.width, own.y + own.height);
  return {
    left: Math.min(ax, bx),
    top: Math.min(ay, by),
    width: Math.abs(ax - bx),
    height: Math.abs(ay - by),
  };
}

/** A field's rectangle (two corners in any order) as a box. */
export function rectBox(rect: readonly [number, number, number, number]): OwnBox {
  const [ax, ay, bx, by] = rect;
  return { x: Math.min(ax, bx), y: Math.min(ay, by), width: Math.abs(ax - bx), height: Math.abs(ay - by) };
}

/** Moved and, where it is larger than the page, cut so that it lies within what is visible. */
export function keptOnPage(box: SeenBox, page: { width: number; height: number }, smallest: number): SeenBox {
  const width = Math.min(Math.max(box.width, smallest), page.width);
  const height = Math.min(Math.max(box.height, smallest), page.height);
  return {
    left: Math.min(Math.max(box.left, 0), page.width - width),
    top: Math.min(Math.max(box.top, 0), page.height - height),
    width,
    height,
  };
}

/** Four numbers, or nothing when one of them is none: what crossed as JSON may hold null where a number was not finite. */
export function finite4(values: readonly (number | null)[]): [number, number, number, number] | undefined {
  const [a, b, c, d] = values;
  const good = (value: number | null | undefined): value is number =>
    typeof value === 'number' && Number.isFinite(value);
  return good(a) && good(b) && good(c) && good(d) ? [a, b, c, d] : undefined;
}
