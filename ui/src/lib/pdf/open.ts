// Opens a contract in pdf.js so that nothing of it can act: no scripts, no forms of its own (XFA), no links, everything
// it needs bundled, and every warning heard. Not its business: where it is shown (screens), the facts beside it (Rust).
import type * as Pdfjs from 'pdfjs-dist';
import type { TextContent } from 'pdfjs-dist/types/src/display/api';
import { streamOf } from './streams';
import { fold, type Folded } from './match';
import { drawsText, fontsOf, textTrouble, type TextItem } from './glyphs';
import { pageView, type PageView } from './geometry';
import { pageQueue } from './queue';
import type { Source } from './range';
import { chunkOf, rangeFeed } from './transport';
import { asTrouble, isCancelled, PdfTrouble } from './trouble';
import { hearConsole, WARNING_MESSAGE, warningLog, type PageWarning } from './warnings';
import { UNITS_PER_POINT } from './zoom';

export interface Shown {
  viewport: Pdfjs.PageViewport;
  text: TextContent | undefined;
}

export interface OpenPdf {
  pages: number;
  view(page: number): Promise<PageView>;
  /** Draws into the canvas; `factor` 1 is the size on paper, `ratio` pixels per screen unit. */
  draw(page: number, canvas: HTMLCanvasElement, how: Drawing): Promise<Shown>;
  textLayer(shown: Shown, container: HTMLElement): Promise<readonly HTMLElement[]>;
  /** Text for searching; kept. */
  text(page: number, signal: AbortSignal): Promise<Folded>;
  /** What a canvas of this page needed is let go. */
  release(page: number): void;
  warnings(page: number): readonly string[];
  /** Octets read so far. */
  read(): number;
  close(): Promise<void>;
}

export interface Drawing {
  factor: number;
  ratio: number;
  urgency: number;
  signal: AbortSignal;
}

/** pdf.js lets go of work in its worker this long after it was cancelled; warnings until then belong to that page. */
const CANCELLED_MS = 130;
const CLOSING_MS = 500;
const CLEAN_EVERY = 24;
/** After what is in view, before neighbours far off and the search. */
const CLEAN_URGENCY = 4;
const never = new AbortController().signal;
const SEARCH_URGENCY = 100;

let spare: Worker | undefined;

function newWorker(): Worker {
  return new Worker(new URL('./pdf.worker.ts', import.meta.url), { type: 'module' });
}

/** Loads pdf.js and starts its worker while there is something else to wait for. */
export function warmUp(): void {
  void import('pdfjs-dist');
  spare ??= newWorker();
}

/** What was warmed up and is not wanted after all. */
export function coolDown(): void {
  spare?.terminate();
  spare = undefined;
}

export async function openPdf(source: Source, onWarning: (warning: PageWarning) => void): Promise<OpenPdf> {
  const pdfjs = await import('pdfjs-dist');
  const log = warningLog(onWarning);
  const unhear = hearConsole((text) => log.printed(text));
  const port = spare ?? newWorker();
  spare = undefined;
  const broken = new Promise<never>((_, reject) => {
    port.addEventListener('error', (event) =>
      reject(new PdfTrouble('pdf-worker', { reason: event.message ?? '' })),
    );
  });
  broken.catch(() => {});
  /** What a reader says while it is ended is not about the pages. */
  let closed = false;
  port.addEventListener('message', ({ data }: MessageEvent<{ targetName?: string; text?: string }>) => {
    if (!closed && data?.targetName === WARNING_MESSAGE) log.printed(String(data.text));
  });

  const feed = rangeFeed(pdfjs, source);
  const worker = new pdfjs.PDFWorker({
    port: port as unknown as null,
    verbosity: pdfjs.VerbosityLevel.WARNINGS,
  });
  const task = pdfjs.getDocument({ ...options(pdfjs, source.size), range: feed.transport, worker });
  const queue = pageQueue((page) => log.enter(page));
  /** Of pages that were searched. Not of all that were shown: ten times the file, and what lives long is paid for many times. */
  const folded = new Map<number, Folded>();
  let released = 0;

  async function close(): Promise<void> {
    closed = true;
    queue.close();
    unhear();
    // A worker that died does not answer.
    await Promise.race([task.destroy().catch(() => {}), new Promise((done) => setTimeout(done, CLOSING_MS))]);
    worker.destroy();
    port.terminate();
  }

  /** Whatever is awaited of pdf.js ends also when a range fails: pdf.js itself would wait for ever. */
  // Not `Promise.race`: what is raced against for as long as the document is open would keep everything that ever won.
  const waiting = new Set<(reason: unknown) => void>();
  const fail = (reason: unknown): void => {
    for (const reject of waiting) reject(reason);
    waiting.clear();
  };
  let lost: Promise<never> | undefined;
  for (const failure of [feed.failed, broken]) {
    failure.catch((reason: unknown) => {
      lost ??= failure;
      fail(reason);
    });
  }
  const orFail = <T>(wanted: Promise<T>): Promise<T> => {
    if (lost) {
      wanted.catch(() => {});
      return lost;
    }
    return new Promise<T>((resolve, reject) => {
      waiting.add(reject);
      wanted.then(resolve, reject).finally(() => waiting.delete(reject));
    });
  };

  let document: Pdfjs.PDFDocumentProxy;
  try {
    document = await orFail(task.promise);
  } catch (thrown) {
    await close();
    throw asTrouble(thrown);
  }

  async function textOf(page: Pdfjs.PDFPageProxy): Promise<TextContent> {
    const content = await orFail(page.getTextContent());
    const items = textItems(content);
    log.fonts(page.pageNumber, fontsOf(items));
    const empty = textTrouble(items, true);
    // Only a page without any text is worth asking whether it draws some.
    const trouble = empty === 'text-missing' ? await missing(page) : empty;
    if (trouble !== undefined) log.found(page.pageNumber, trouble);
    return content;
  }

  async function missing(page: Pdfjs.PDFPageProxy): Promise<string | undefined> {
    const { fnArray } = await orFail(page.getOperatorList());
    const { showText, showSpacedText, nextLineShowText, nextLineSetSpacingShowText } = pdfjs.OPS;
    return textTrouble(
      [],
      drawsText(fnArray, [showText, showSpacedText, nextLineShowText, nextLineSetSpacingShowText]),
    );
  }

  async function drawn(
    number: number,
    canvas: HTMLCanvasElement,
    how: Drawing,
    signal: AbortSignal,
  ): Promise<Shown> {
    const page = await orFail(document.getPage(number));
    const viewport = page.getViewport({ scale: how.factor * UNITS_PER_POINT });
    canvas.width = Math.max(1, Math.floor(viewport.width * how.ratio));
    canvas.height = Math.max(1, Math.floor(viewport.height * how.ratio));
    const transform = how.ratio === 1 ? undefined : [how.ratio, 0, 0, how.ratio, 0, 0];
    const rendering = page.render({ canvas, viewport, ...(transform ? { transform } : {}) });
    const stop = (): void => rendering.cancel();
    signal.addEventListener('abort', stop, { once: true });
    try {
      await orFail(rendering.promise);
      return { viewport, text: await textOf(page) };
    } catch (thrown) {
      if (isCancelled(thrown)) await new Promise((done) => setTimeout(done, CANCELLED_MS));
      throw thrown;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  function failedPage(page: number, thrown: unknown): never {
    if (!isCancelled(thrown))
      log.found(page, `page-failed ${asTrouble(thrown).detail['reason'] ?? asTrouble(thrown).code}`);
    throw thrown;
  }

  return {
    pages: document.numPages,
    view: async (page) => pageView(await orFail(document.getPage(page))),
    draw: (page, canvas, how) =>
      queue
        .add({
          page,
          urgency: how.urgency,
          signal: how.signal,
          run: (signal) => drawn(page, canvas, how, signal),
        })
        .catch((thrown: unknown) => failedPage(page, thrown)),
    async textLayer(shown, container) {
      if (!shown.text) return [];
      const layer = new pdfjs.TextLayer({
        textContentSource: streamOf(shown.text),
        container,
        viewport: shown.viewport,
      });
      await layer.render();
      return layer.textDivs;
    },
    text: async (page, signal) => {
      const known = folded.get(page);
      if (known) return known;
      const run = async (): Promise<Folded> => {
        const proxy = await orFail(document.getPage(page));
        const found = fold(textItems(await textOf(proxy)));
        folded.set(page, found);
        return found;
      };
      return queue.add({ page, urgency: SEARCH_URGENCY, signal, run });
    },
    release: (page) => {
      // A document that was closed meanwhile has nothing left to release.
      document.getPage(page).then(
        (proxy) => proxy.cleanup(),
        () => undefined,
      );
      released += 1;
      if (released % CLEAN_EVERY !== 0) return;
      // Fonts and pictures that the document shares pile up in the worker.
      const run = (): Promise<unknown> => document.cleanup();
      queue.add({ page, urgency: CLEAN_URGENCY, signal: never, run }).catch(() => {});
    },
    warnings: (page) => log.of(page),
    read: () => feed.read(),
    close,
  };
}

function textItems(content: TextContent): TextItem[] {
  return content.items.filter((item) => 'str' in item);
}

function options(
  pdfjs: typeof Pdfjs,
  size: number,
): Partial<Parameters<typeof Pdfjs.getDocument>[0]> & object {
  const beside = (folder: string): string => new URL(`pdfjs/${folder}/`, document.baseURI).href;
  return {
    rangeChunkSize: chunkOf(size),
    disableAutoFetch: true,
    disableStream: true,
    enableXfa: false,
    // The same picture on every machine; a font of the machine could show other shapes.
    useSystemFonts: false,
    cMapUrl: beside('cmaps'),
    cMapPacked: true,
    standardFontDataUrl: beside('standard_fonts'),
    wasmUrl: beside('wasm'),
    iccUrl: beside('iccs'),
    verbosity: pdfjs.VerbosityLevel.WARNINGS,
  };
}
