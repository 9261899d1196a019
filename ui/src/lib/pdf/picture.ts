// The signing engine's own picture of a page, drawn on a canvas. Pictures are fetched, not linked, because their
// warnings and faults come along. Not its business: making it (Rust).
import type { FaultShown } from '../ipc';

export interface Picture {
  width: number;
  height: number;
  /** What the engine noticed while drawing. */
  warnings: number;
}

export class PictureFault extends Error {
  constructor(readonly shown: FaultShown) {
    super(shown.code);
    this.name = 'PictureFault';
  }
}

/** The shell draws no wider than this. */
export const WIDEST = 3000;

export async function drawPicture(
  canvas: HTMLCanvasElement,
  url: string,
  signal: AbortSignal,
): Promise<Picture> {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new PictureFault(await faultOf(response));
  // Not createImageBitmap: WebKit keeps what it decoded for that, closed or not.
  const address = URL.createObjectURL(await response.blob());
  const image = new Image();
  try {
    image.src = address;
    await image.decode();
    if (signal.aborted) throw new DOMException('no longer wanted', 'AbortError');
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    const pen = canvas.getContext('2d');
    if (!pen) throw new PictureFault(fault('no canvas'));
    pen.drawImage(image, 0, 0);
    const warnings = Number(response.headers.get('X-Warnings') ?? '0');
    return { width: canvas.width, height: canvas.height, warnings: Number.isFinite(warnings) ? warnings : 1 };
  } finally {
    URL.revokeObjectURL(address);
    image.removeAttribute('src');
  }
}

async function faultOf(response: Response): Promise<FaultShown> {
  try {
    const said = (await response.json()) as Partial<FaultShown> | null;
    if (typeof said?.code === 'string') return { ...fault(''), ...said };
  } catch {
    // What is no fault is told by its status.
  }
  return fault(`status ${String(response.status)}`);
}

function fault(reason: string): FaultShown {
  return {
    code: 'picture-failed',
    stage: 'review',
    remedy: 'retry',
    detail: reason === '' ? {} : { reason },
  };
}
