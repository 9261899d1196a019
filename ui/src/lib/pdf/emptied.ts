// Gives back at once what a page that is no longer shown holds outside the heap of JavaScript. The collector does not see
// how large that is and comes late: waiting for it costs hundreds of megabytes on the way through a long contract.

export function emptied(canvas: HTMLCanvasElement | undefined): void {
  if (!canvas) return;
  canvas.width = 0;
  canvas.height = 0;
}

/** A text layer of pdf.js that was taken out: its pieces keep neither words nor places. */
export function emptiedText(layer: HTMLElement | undefined): void {
  if (!layer) return;
  // What is marked stands around its pieces, hence not only the children.
  for (const piece of layer.querySelectorAll('*')) {
    if (piece.childElementCount > 0) continue;
    piece.textContent = '';
    piece.removeAttribute('style');
  }
  layer.replaceChildren();
}
