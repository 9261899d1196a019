// What is known and going on while one contract is read: the sheet, the open file, which pages were seen and how, zoom
// and place. Not its business: drawing (Pages, PageSlot), searching (finding.svelte.ts), deciding (decision.ts).
import { choices } from '../../lib/choices';
import { asFault, docUrl, ipc, type FaultShown, type FindingShown, type ReviewSheet } from '../../lib/ipc';
import type { Match } from '../../lib/pdf/match';
import { openPdf, type OpenPdf } from '../../lib/pdf/open';
import { usableSizes } from '../../lib/pdf/layout';
import { newWatch, READABLE, unseen, type Watch } from '../../lib/pdf/seen';
import { troubleShown } from '../../lib/pdf/trouble';
import type { PageWarning } from '../../lib/pdf/warnings';
import type { Size, Zoom } from '../../lib/pdf/zoom';
import { announce } from '../../lib/stores/alerts.svelte';
import { acceptedCodes, findingKey, keysOf } from './decision';

export interface Wish {
  page: number;
  /** Bring this into view once its page is drawn. */
  match?: Match;
  /** The keyboard stays where it is. */
  quiet?: boolean;
}

export class Reading {
  readonly contract: string;
  readonly sheet: ReviewSheet;
  /** As shown, one for each page. */
  readonly sizes: readonly Size[];
  pdf = $state.raw<OpenPdf | undefined>();
  /** Why pdf.js shows nothing; the engine's pictures are still there. */
  pdfFault = $state.raw<FaultShown | undefined>();
  seen = $state.raw<ReadonlySet<number>>(new Set());
  /** Of these, pages that were seen as the signing engine sees them. */
  seenAsPicture = $state.raw<ReadonlySet<number>>(new Set());
  /** Why a page is not reviewable in pdf.js. */
  warnings = $state.raw<ReadonlyMap<number, readonly string[]>>(new Map());
  /** Pages shown as the signing engine sees them. */
  pictures = $state.raw<ReadonlySet<number>>(new Set());
  /** Keys of blocking findings that were accepted. */
  accepted = $state.raw<ReadonlySet<string>>(new Set());
  /** How many things the engine could not draw exactly, by page. */
  engineNoticed = $state.raw<ReadonlyMap<number, number>>(new Map());
  zoom = $state.raw<Zoom>({ fit: 'width' });
  /** Of the page that is looked at; 1 is the size on paper. */
  factor = $state(1);
  page = $state(1);
  /** Asks the pages to go somewhere; a new object each time. */
  wish = $state.raw<Wish | undefined>();
  readonly watch: Watch;
  #closed = false;

  constructor(sheet: ReviewSheet) {
    this.contract = sheet.card.id;
    this.sheet = sheet;
    this.sizes = usableSizes(sheet.page_sizes, sheet.pages);
    this.seen = new Set(sheet.seen);
    this.seenAsPicture = new Set(sheet.seen_as_picture);
    this.warnings = new Map(sheet.unreviewable.map((page) => [page, ['']]));
    this.watch = newWatch(
      sheet.seen.filter((page) => !this.warnings.has(page) || this.seenAsPicture.has(page)),
    );
    this.accepted = keysOf(sheet.findings, choices.of(sheet.card.id).accepted);
  }

  async open(): Promise<void> {
    try {
      const source = { url: docUrl(`${this.contract}/file`), size: this.sheet.card.size };
      const pdf = await openPdf(source, (warning) => this.warn(warning));
      if (this.#closed) return void pdf.close();
      if (pdf.pages !== this.sheet.pages) {
        // Two readers that do not agree on the number of pages do not show the same document.
        for (let page = 1; page <= this.sheet.pages; page += 1) {
          this.warn({ page, text: `pages ${String(this.sheet.pages)}/${String(pdf.pages)}` });
        }
      }
      this.pdf = pdf;
    } catch (thrown) {
      this.pdfFault = troubleShown(thrown);
    }
  }

  close(): void {
    this.#closed = true;
    void this.pdf?.close();
  }

  warn({ page, text }: PageWarning): void {
    const before = (this.warnings.get(page) ?? []).filter((known) => known !== '');
    this.warnings = new Map(this.warnings).set(page, [...before, text]);
    // What was seen of it may not be all of it.
    if (!this.seenAsPicture.has(page)) this.watch.seen.delete(page);
    ipc.pageWarning(this.contract, page, text).catch((thrown: unknown) => announce.fault(asFault(thrown)));
  }

  /** Once per page and kind; taken back when it could not be kept. */
  markSeen(pages: readonly number[]): void {
    for (const page of pages) {
      const picture = this.asPicture(page);
      this.seen = new Set(this.seen).add(page);
      if (picture) this.seenAsPicture = new Set(this.seenAsPicture).add(page);
      ipc.reviewSeen(this.contract, page, picture).catch((thrown: unknown) => {
        this.seen = without(this.seen, page);
        this.seenAsPicture = without(this.seenAsPicture, page);
        this.watch.seen.delete(page);
        announce.fault(asFault(thrown));
      });
    }
  }

  asPicture(page: number): boolean {
    return this.pictures.has(page) || this.pdfFault !== undefined;
  }

  noticed(page: number, warnings: number): void {
    if (this.engineNoticed.get(page) !== warnings)
      this.engineNoticed = new Map(this.engineNoticed).set(page, warnings);
  }

  /** At least as large as counts. */
  readable(): void {
    if (this.factor < READABLE) this.zoom = { factor: Math.max(READABLE, 0.75) };
  }

  togglePicture(page: number): void {
    const next = new Set(this.pictures);
    if (!next.delete(page)) next.add(page);
    this.pictures = next;
  }

  go(page: number): void {
    if (!Number.isFinite(page)) return;
    this.wish = { page: Math.min(Math.max(Math.round(page), 1), Math.max(this.sheet.pages, 1)) };
  }

  accept(finding: FindingShown, accepted: boolean): void {
    const next = new Set(this.accepted);
    if (accepted) next.add(findingKey(finding));
    else next.delete(findingKey(finding));
    this.accepted = next;
    choices.accept(this.contract, acceptedCodes(this.sheet.findings, next));
  }

  /** Pages that were not seen in any way. */
  get unseen(): number[] {
    return unseen(this.sheet.pages, this.seen);
  }

  /** Pages that can only be relied on as the engine's picture, and were not seen so. */
  get unrelied(): number[] {
    return [...this.warnings.keys()].filter((page) => !this.seenAsPicture.has(page)).sort((a, b) => a - b);
  }
}

function without(set: ReadonlySet<number>, page: number): Set<number> {
  const rest = new Set(set);
  rest.delete(page);
  return rest;
}
