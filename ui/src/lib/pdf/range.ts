// Octets of the private copy, piece by piece: status 206 and the exact length are checked, a piece is never larger than
// the shell serves at once. Not its business: what pdf.js does with them (transport.ts).
import { PdfTrouble } from './trouble';

/** The shell serves at most this much per request. */
export const LARGEST_PIECE = 1024 * 1024;

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface Source {
  url: string;
  /** Octets of the whole file, as the sheet says; what is served must agree. */
  size: number;
  fetch?: Fetch;
}

/** [begin, end) in pieces that may be asked for. */
export function pieces(begin: number, end: number, largest = LARGEST_PIECE): [number, number][] {
  const list: [number, number][] = [];
  for (let from = begin; from < end; from += largest) list.push([from, Math.min(from + largest, end)]);
  return list;
}

/** Exactly the octets [begin, end), or a `PdfTrouble`. */
export async function readRange(
  source: Source,
  begin: number,
  end: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  if (!(begin >= 0 && begin < end && end <= source.size)) throw unusable({ asked: `${begin}-${end}` });
  const whole = new Uint8Array(end - begin);
  await Promise.all(
    pieces(begin, end).map(async ([from, to]) => {
      whole.set(await readPiece(source, from, to, signal), from - begin);
    }),
  );
  return whole;
}

async function readPiece(
  source: Source,
  from: number,
  to: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const asked = `${from}-${to - 1}`;
  let response: Response;
  let octets: Uint8Array;
  try {
    const init: RequestInit = { headers: { Range: `bytes=${asked}` }, cache: 'no-store' };
    if (signal) init.signal = signal;
    response = await (source.fetch ?? fetch)(source.url, init);
    if (response.status !== 206) throw unusable({ asked, status: String(response.status) });
    octets = new Uint8Array(await response.arrayBuffer());
  } catch (thrown) {
    if (thrown instanceof PdfTrouble || signal?.aborted) throw thrown;
    throw unusable({ asked, reason: String(thrown).slice(0, 200) });
  }
  const total = response.headers.get('X-Total');
  if (total !== null && Number(total) !== source.size) {
    throw unusable({ asked, expected: String(source.size), total });
  }
  if (octets.length !== to - from) {
    throw unusable({ asked, expected: String(to - from), length: String(octets.length) });
  }
  return octets;
}

function unusable(detail: Record<string, string>): PdfTrouble {
  return new PdfTrouble('pdf-octets', detail);
}
