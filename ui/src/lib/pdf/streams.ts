// `for await` over a ReadableStream, which pdf.js uses for text and for inflating, and WebKit (2.50) does not have yet:
// without it no page has any text. WHATWG Streams 4.2.5; for the page and for the worker.

type Source = ReadableStream<unknown>;

export async function* chunks(this: Source): AsyncGenerator<unknown, void, undefined> {
  const reader = this.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        ended = true;
        return;
      }
      yield value;
    }
  } catch (thrown) {
    ended = true;
    throw thrown;
  } finally {
    // Who stops early does not want the rest.
    if (!ended) await reader.cancel();
    reader.releaseLock();
  }
}

if (!(Symbol.asyncIterator in ReadableStream.prototype)) {
  Object.defineProperty(ReadableStream.prototype, Symbol.asyncIterator, {
    value: chunks,
    configurable: true,
    writable: true,
  });
}

/**
 * One value as a stream. The source must not know the stream, nor anything that does: WebKit (2.50) never collects such a
 * circle, with all that hangs on it. pdf.js makes just that when it is given text that is not a stream.
 */
export function streamOf<T>(value: T): ReadableStream<T> {
  return new ReadableStream<T>({
    start(controller) {
      controller.enqueue(value);
      controller.close();
    },
  });
}
