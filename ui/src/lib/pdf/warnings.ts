// Which page a warning of pdf.js belongs to. A page that was warned of is not reviewable: pdf.js leaves out what it does
// not understand and goes on. Work on pages runs one after the other, so the page in work is the page that is meant.
//
// pdf.js keeps fonts for the whole document and warns of each only once; a later page that uses the same font would look
// clean. Therefore fonts that were new on a page that got a warning stay suspicious for every page that uses them.

export const WARNING_MESSAGE = 'countersign-warning';
/** Warnings of pdf.js start with this; what else a library prints is no statement about a page. */
const PREFIX = 'Warning: ';
/** Enough to tell by; a broken page can warn thousands of times. */
const KEPT_PER_PAGE = 20;

export interface PageWarning {
  page: number;
  text: string;
}

export interface WarningLog {
  /** Something was printed as a warning, here or in the worker. */
  printed(text: string): void;
  /** Something wrong with a page that was found otherwise. */
  found(page: number, text: string): void;
  /** Work on a page begins; warnings go to it until the next begins. */
  enter(page: number): void;
  /** Fonts that the page's text is set in. */
  fonts(page: number, names: readonly string[]): void;
  of(page: number): readonly string[];
}

export function warningLog(tell: (warning: PageWarning) => void): WarningLog {
  const pages = new Map<number, string[]>();
  const ofDocument: string[] = [];
  const cleanFonts = new Set<string>();
  const suspiciousFonts = new Map<string, string>();
  const warnedHere = new Set<string>();
  let current: number | undefined;

  function found(page: number, text: string): void {
    const list = pages.get(page) ?? [];
    if (list.includes(text) || list.length >= KEPT_PER_PAGE) return;
    pages.set(page, [...list, text]);
    tell({ page, text });
  }

  return {
    found,
    printed(text) {
      if (!text.startsWith(PREFIX)) return;
      const said = text.slice(PREFIX.length).slice(0, 300);
      if (current === undefined) ofDocument.push(said);
      else {
        warnedHere.add(said);
        found(current, said);
      }
    },
    enter(page) {
      current = page;
      warnedHere.clear();
      for (const text of ofDocument) found(page, text);
    },
    fonts(page, names) {
      const [said] = warnedHere;
      for (const name of names) {
        const before = suspiciousFonts.get(name);
        if (before !== undefined) found(page, before);
        else if (page === current && said !== undefined && !cleanFonts.has(name))
          suspiciousFonts.set(name, said);
        else cleanFonts.add(name);
      }
    },
    of: (page) => pages.get(page) ?? [],
  };
}

const listeners = new Set<(text: string) => void>();
let original: typeof console.warn | undefined;

/** Hears what pdf.js prints on the page's own thread, until the returned function is called. */
export function hearConsole(listen: (text: string) => void): () => void {
  listeners.add(listen);
  if (original === undefined) {
    const say = console.warn;
    original = say;
    console.warn = (...said: unknown[]): void => {
      say.apply(console, said);
      const text = said.map(String).join(' ');
      for (const each of listeners) each(text);
    };
  }
  return () => {
    listeners.delete(listen);
    if (listeners.size > 0 || original === undefined) return;
    console.warn = original;
    original = undefined;
  };
}
