// Gives pdf.js the file by ranges: it does so by itself for http(s) only, and reads everything from any other scheme.
// Not its business: checking what arrives (range.ts). pdf.js has no way for a failed range, hence `failed`.
import type * as Pdfjs from 'pdfjs-dist';
import { readRange, type Source } from './range';

export const CHUNK = 256 * 1024;

export interface RangeFeed {
  transport: Pdfjs.PDFDataRangeTransport;
  /** Rejects at the first range that could not be had; never resolves. */
  failed: Promise<never>;
  /** Octets handed over so far. */
  read(): number;
}

export function rangeFeed(pdfjs: Pick<typeof Pdfjs, 'PDFDataRangeTransport'>, source: Source): RangeFeed {
  const stop = new AbortController();
  let read = 0;
  let fail: (reason: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // Whoever races against it hears of it; nobody else needs to.
  failed.catch(() => {});

  class Ranges extends pdfjs.PDFDataRangeTransport {
    override requestDataRange(begin: number, end: number): void {
      readRange(source, begin, end, stop.signal).then(
        (octets) => {
          if (stop.signal.aborted) return;
          read += octets.length;
          this.onDataRange(begin, octets);
        },
        (thrown: unknown) => {
          if (!stop.signal.aborted) fail(thrown);
        },
      );
    }
    override abort(): void {
      stop.abort();
    }
  }
  return { transport: new Ranges(source.size, null), failed, read: () => read };
}
