// How large a page is shown. 1 is the size on paper: 96 screen units an inch, 72 points an inch.

export type Zoom = { fit: 'width' | 'page' } | { factor: number };

export interface Size {
  width: number;
  height: number;
}

/** Screen units per point at factor 1. */
export const UNITS_PER_POINT = 96 / 72;
export const SMALLEST = 0.5;
export const LARGEST = 4;
const STEPS = [0.5, 0.67, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4];
/** A fitted page may be smaller than what can be chosen, never vanish. */
const SMALLEST_FIT = 0.05;

/** Factor for a page in a room. */
export function factorOf(zoom: Zoom, page: Size, room: Size): number {
  if ('factor' in zoom) return Math.min(Math.max(zoom.factor, SMALLEST), LARGEST);
  const across = room.width / (page.width * UNITS_PER_POINT);
  const down = room.height / (page.height * UNITS_PER_POINT);
  const fitted = zoom.fit === 'width' ? across : Math.min(across, down);
  return Number.isFinite(fitted) ? Math.min(Math.max(fitted, SMALLEST_FIT), LARGEST) : 1;
}

/** The next step up (+1) or down (-1) from where it is. */
export function stepped(factor: number, direction: 1 | -1): number {
  const near = 0.005;
  const next =
    direction > 0
      ? STEPS.find((step) => step > factor + near)
      : STEPS.findLast((step) => step < factor - near);
  return next ?? (direction > 0 ? LARGEST : SMALLEST);
}

/** Pixels per screen unit for a canvas: the device's, but no more than `largest` pixels in all. */
export function pixelRatio(shown: Size, device: number, largest = 16e6): number {
  const area = shown.width * shown.height;
  if (!(area > 0)) return 1;
  return Math.min(device > 0 ? device : 1, Math.sqrt(largest / area));
}
