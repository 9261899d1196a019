import { describe, expect, it } from 'vitest';
import { LARGEST_PIECE, pieces, readRange, type Fetch } from './range';
import { AHEAD, CHUNK, rangeFeed } from './transport';
import { PdfTrouble } from './trouble';

const SIZE = 3_000_000;
const octet = (at: number): number => (at * 7) % 251;

function serve(change: (octets: Uint8Array) => { body: Uint8Array; status?: number; total?: number }): Fetch {
  return (_, init) => {
    const [, from = '0', to = '0'] =
      /bytes=(\d+)-(\d+)/.exec(String((init.headers as Record<string, string>)['Range'])) ?? [];
    const octets = Uint8Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) =>
      octet(Number(from) + index),
    );
    const { body, status = 206, total = SIZE } = change(octets);
    return Promise.resolve(new Response(body.slice(), { status, headers: { 'X-Total': String(total) } }));
  };
}

const source = (fetch: Fetch) => ({ url: 'doc://localhost/a/file', size: SIZE, fetch });

describe('a range', () => {
  it('is taken in pieces that the shell serves, each octet once and in its place', async () => {
    const asked: string[] = [];
    const honest = serve((body) => ({ body }));
    const octets = await readRange(
      source((url, init) => {
        asked.push(String((init.headers as Record<string, string>)['Range']));
        return honest(url, init);
      }),
      100,
      100 + 2 * LARGEST_PIECE + 5,
    );
    expect(asked).toHaveLength(3);
    expect(octets).toHaveLength(2 * LARGEST_PIECE + 5);
    for (const at of [0, 1, LARGEST_PIECE - 1, LARGEST_PIECE, 2 * LARGEST_PIECE, 2 * LARGEST_PIECE + 4]) {
      expect(octets[at]).toBe(octet(100 + at));
    }
  });

  it.each<[string, Fetch, Record<string, string>]>([
    ['a short answer', serve((octets) => ({ body: octets.slice(1) })), { length: '999' }],
    ['a long answer', serve((octets) => ({ body: Uint8Array.from([...octets, 0]) })), { length: '1001' }],
    ['200 instead of 206', serve((body) => ({ body, status: 200 })), { status: '200' }],
    ['a file of another length', serve((body) => ({ body, total: SIZE + 1 })), { total: String(SIZE + 1) }],
    ['no answer', () => Promise.reject(new TypeError('Load failed')), { reason: 'TypeError: Load failed' }],
  ])('is refused on %s', async (_, fetch, detail) => {
    const refused = await readRange(source(fetch), 0, 1000).catch((thrown: unknown) => thrown);
    expect(refused).toBeInstanceOf(PdfTrouble);
    expect(refused).toMatchObject({ code: 'pdf-octets', detail });
  });

  it.each([
    [-1, 5],
    [5, 5],
    [0, SIZE + 1],
    [Number.NaN, 5],
  ])('outside the file is refused: %s to %s', async (begin, end) => {
    await expect(readRange(source(serve((body) => ({ body }))), begin, end)).rejects.toMatchObject({
      code: 'pdf-octets',
    });
  });

  it('cut into pieces', () => {
    expect(pieces(0, 10, 4)).toEqual([
      [0, 4],
      [4, 8],
      [8, 10],
    ]);
    expect(pieces(3, 3, 4)).toEqual([]);
  });
});

class FakeTransport {
  got: [number, Uint8Array][] = [];
  constructor(readonly length: number) {}
  onDataRange(begin: number, chunk: Uint8Array): void {
    this.got.push([begin, chunk]);
  }
  requestDataRange(_begin: number, _end: number): void {}
  abort(): void {}
}
const fake = { PDFDataRangeTransport: FakeTransport } as unknown as Parameters<typeof rangeFeed>[0];

describe('the feed', () => {
  it('hands over what was asked and counts it', async () => {
    const feed = rangeFeed(fake, source(serve((body) => ({ body }))));
    feed.transport.requestDataRange(10, 20);
    const { got } = feed.transport as unknown as FakeTransport;
    await expect.poll(() => got.length).toBe(1);
    expect(got[0]?.[0]).toBe(10);
    expect(got[0]?.[1]).toHaveLength(10);
    expect(feed.read()).toBe(10);
  });

  it('fails the load when a range fails, and hands nothing over', async () => {
    const feed = rangeFeed(fake, source(serve((body) => ({ body, status: 200 }))));
    feed.transport.requestDataRange(0, 20);
    await expect(Promise.race([new Promise(() => {}), feed.failed])).rejects.toMatchObject({
      code: 'pdf-octets',
    });
    expect((feed.transport as unknown as FakeTransport).got).toEqual([]);
  });

  it('reads ahead only where pdf.js reads on, and hands over exactly what was asked', async () => {
    let asked = 0;
    const honest = serve((body) => ({ body }));
    const feed = rangeFeed(
      fake,
      source((url, init) => {
        asked += 1;
        return honest(url, init);
      }),
    );
    const { got } = feed.transport as unknown as FakeTransport;
    for (let from = 0; from < 40 * CHUNK; from += CHUNK) {
      feed.transport.requestDataRange(from, from + CHUNK);
      await expect.poll(() => got.length).toBe(from / CHUNK + 1);
    }
    expect(asked).toBe(1 + Math.ceil((39 * CHUNK) / AHEAD));
    got.forEach(([begin, octets], index) => {
      expect(begin).toBe(index * CHUNK);
      expect(octets).toHaveLength(CHUNK);
      expect(octets[0]).toBe(octet(begin));
      expect(octets[CHUNK - 1]).toBe(octet(begin + CHUNK - 1));
    });
    const before = asked;
    for (let from = 100 * CHUNK; from < 180 * CHUNK; from += 10 * CHUNK)
      feed.transport.requestDataRange(from, from + CHUNK);
    await expect.poll(() => got.length).toBe(48);
    expect(asked).toBe(before + 8);
  });

  it('is silent once it was given up', async () => {
    const feed = rangeFeed(fake, source(serve((body) => ({ body, status: 500 }))));
    feed.transport.requestDataRange(0, 20);
    feed.transport.abort();
    const first = await Promise.race([
      feed.failed.catch(() => 'failed'),
      new Promise((done) => setTimeout(done, 20, 'silent')),
    ]);
    expect(first).toBe('silent');
  });
});
