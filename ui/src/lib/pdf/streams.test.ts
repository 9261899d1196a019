import { describe, expect, it } from 'vitest';
import { chunks, streamOf } from './streams';

function stream(values: number[], fails = false) {
  let cancelled = false;
  const source = new ReadableStream<unknown>({
    pull(controller) {
      const next = values.shift();
      if (next !== undefined) controller.enqueue(next);
      else if (fails) controller.error(new Error('broken'));
      else controller.close();
    },
    cancel() {
      cancelled = true;
    },
  });
  return { source, cancelled: () => cancelled };
}

describe('going through a stream', () => {
  it('gives every chunk and lets go of it', async () => {
    const { source } = stream([1, 2, 3]);
    const got: unknown[] = [];
    for await (const each of chunks.call(source)) got.push(each);
    expect(got).toEqual([1, 2, 3]);
    expect(source.locked).toBe(false);
  });
  it('fails as the stream fails', async () => {
    const { source } = stream([1], true);
    const walk = async () => {
      for await (const _ of chunks.call(source));
    };
    await expect(walk()).rejects.toThrow('broken');
  });
  it('cancels what is not wanted', async () => {
    const { source, cancelled } = stream([1, 2, 3]);
    for await (const _ of chunks.call(source)) break;
    expect(cancelled()).toBe(true);
    expect(source.locked).toBe(false);
  });
});

describe('one value as a stream', () => {
  it('is given once', async () => {
    const value = { items: [] };
    const got: unknown[] = [];
    for await (const each of chunks.call(streamOf(value))) got.push(each);
    expect(got).toEqual([value]);
  });
});
