// Gives pdf.js the file by ranges: it does so by itself for http(s) only, and reads everything from any other scheme.
// Not its business: checking what arrives (range.ts). pdf.js has no way for a failed range, hence `failed`.
import type * as Pdfjs from 'pdfjs-dist';
import { readRange, type Source } from './range';

// Of a large file little at a time, because pdf.js asks for every page dictionary of a flat page tree at once, and these may
// lie anywhere; what lies together it asks for together, however small the pieces are. Of a small file a good part at once.
export const CHUNK = 16 * 1024;
const CHUNK_OF_SMALL = 256 * 1024;
const SMALL = 8 * 1024 * 1024;

export function chunkOf(size: number): number {
  return size <= SMALL ? CHUNK_OF_SMALL : CHUNK;
}

// It reads a long table piece by piece, each after the one before: then more is taken than was asked for.
export const AHEAD = 256 * 1024;

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

  let end = -1;
  let ahead: { begin: number; octets: Promise<Uint8Array> } | undefined;

  /** What was asked for, from what was read ahead where it is in there. */
  async function octetsOf(from: number, to: number): Promise<Uint8Array> {
    const follows = from === end;
    end = to;
    if (ahead && from >= ahead.begin) {
      const known = await ahead.octets;
      const at = from - ahead.begin;
      if (at + to - from <= known.length) return known.slice(at, at + to - from);
    }
    const until = follows ? Math.max(to, Math.min(from + AHEAD, source.size)) : to;
    const octets = readRange(source, from, until, stop.signal);
    if (until > to) ahead = { begin: from, octets };
    const got = await octets;
    read += got.length;
    return until > to ? got.slice(0, to - from) : got;
  }

  class Ranges extends pdfjs.PDFDataRangeTransport {
    override requestDataRange(begin: number, end: number): void {
      octetsOf(begin, end).then(
        (octets) => {
          if (stop.signal.aborted) return;
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
