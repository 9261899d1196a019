// pdf.js as a reader of its own, outside the window: the pages of a file as pictures and as text.
//
// One request a line on stdin (JSON: `file`, `most` pages), one answer a line on stdout: `count`, and for each page `width`,
// `height`, `grey` (base64, one octet a pixel, 72 to the inch) and `text`; or `error`.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import readline from "node:readline";

import { createCanvas } from "@napi-rs/canvas";
import { getDocument } from "pdfjs-dist/legacy/build/pdf.mjs";

const home = path.dirname(createRequire(import.meta.url).resolve("pdfjs-dist/package.json"));

async function pageView(page) {
  const viewport = page.getViewport({ scale: 1 });
  const [width, height] = [Math.max(1, Math.round(viewport.width)), Math.max(1, Math.round(viewport.height))];
  const canvas = createCanvas(width, height);
  const canvasContext = canvas.getContext("2d");
  await page.render({ canvas, canvasContext, viewport }).promise;
  const { data } = canvasContext.getImageData(0, 0, width, height);
  const grey = Buffer.alloc(width * height);
  for (let at = 0; at < grey.length; at++) {
    const [red, green, blue] = data.subarray(4 * at, 4 * at + 3);
    grey[at] = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
  }
  const { items } = await page.getTextContent();
  const text = items.map((item) => item.str + (item.hasEOL ? "\n" : "")).join("");
  return { width, height, grey: grey.toString("base64"), text };
}

async function view({ file, most }) {
  const task = getDocument({
    data: new Uint8Array(await readFile(file)),
    standardFontDataUrl: `${home}/standard_fonts/`,
    cMapUrl: `${home}/cmaps/`,
    cMapPacked: true,
    wasmUrl: `${home}/wasm/`,
    useSystemFonts: false,
    verbosity: 0,
  });
  try {
    const document = await task.promise;
    const pages = [];
    for (let number = 1; number <= Math.min(document.numPages, most); number++) {
      pages.push(await pageView(await document.getPage(number)));
    }
    return { count: document.numPages, pages };
  } finally {
    await task.destroy();
  }
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const answer = await view(JSON.parse(line)).catch((error) => ({ error: `${error.name}: ${error.message}` }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
