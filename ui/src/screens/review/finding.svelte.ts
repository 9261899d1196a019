// Searching the contract while it is read: what was found, which match one is at, how far it has come.
// Not its business: matching (lib/pdf/match.ts), drawing the marks (highlight.ts).
import type { Match } from '../../lib/pdf/match';
import { inserted, searchDocument, type PageMatches, type SearchReport } from '../../lib/pdf/search';
import type { Highlighting } from './highlight';
import type { Reading } from './reading.svelte';

/** Typing on is cheaper than starting a search for each letter. */
const TYPING_MS = 200;

export class Finding {
  open = $state(false);
  query = $state('');
  found = $state.raw<readonly PageMatches[]>([]);
  report = $state.raw<SearchReport | undefined>();
  /** Counted over all pages; -1 before the first. */
  at = $state(-1);
  readonly total = $derived(this.found.reduce((sum, { matches }) => sum + matches.length, 0));
  #stop: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly reading: Reading,
    readonly layers: Highlighting,
  ) {}

  type(query: string): void {
    this.query = query;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.run(), TYPING_MS);
  }

  async run(): Promise<void> {
    this.cancel();
    this.found = [];
    this.at = -1;
    this.report = undefined;
    this.#paint();
    const { pdf, page, sheet } = this.reading;
    if (!pdf || this.query.trim() === '') return;
    const stop = new AbortController();
    this.#stop = stop;
    await searchDocument(
      sheet.pages,
      page,
      this.query,
      (at, signal) => pdf.text(at, signal),
      stop.signal,
      (found, report) => {
        this.report = report;
        if (!found) return;
        const here = this.current;
        this.found = inserted(this.found, found);
        if (here) this.at = this.#all().findIndex(({ match }) => match === here.match);
        else this.goTo(this.#all().findIndex((each) => each.page === found.page));
        this.#paint();
      },
    );
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#stop?.abort();
    this.#stop = undefined;
  }

  close(): void {
    this.cancel();
    this.open = false;
    this.layers.show(new Map(), undefined);
  }

  /** Searching goes on. */
  get going(): boolean {
    return (
      this.report !== undefined &&
      !this.report.finished &&
      this.#stop !== undefined &&
      !this.#stop.signal.aborted
    );
  }

  get current(): { page: number; match: Match } | undefined {
    return this.#all()[this.at];
  }

  step(direction: 1 | -1): void {
    if (this.total > 0) this.goTo((this.at + direction + this.total) % this.total);
  }

  goTo(at: number): void {
    this.at = at;
    const here = this.current;
    this.#paint();
    if (here) this.reading.wish = { page: here.page, match: here.match };
  }

  #all(): { page: number; match: Match }[] {
    return this.found.flatMap(({ page, matches }) => matches.map((match) => ({ page, match })));
  }

  #paint(): void {
    this.layers.show(new Map(this.found.map(({ page, matches }) => [page, matches])), this.current?.match);
  }
}
