import { describe, expect, it } from 'vitest';
import { pageQueue } from './queue';

const never = new AbortController().signal;

describe('work on pages', () => {
  it('goes one after the other, the most urgent first, and says which page it is on', async () => {
    const entered: number[] = [];
    const queue = pageQueue((page) => entered.push(page));
    let inWork = 0;
    const job = (page: number, urgency: number) =>
      queue.add({
        page,
        urgency,
        signal: never,
        run: async () => {
          inWork += 1;
          expect(inWork).toBe(1);
          await new Promise((done) => setTimeout(done, 1));
          inWork -= 1;
          return page;
        },
      });
    expect(await Promise.all([job(1, 5), job(2, 9), job(3, 0), job(4, 5)])).toEqual([1, 2, 3, 4]);
    expect(entered).toEqual([1, 3, 4, 2]);
  });

  it('is dropped when nobody waits for it any more', async () => {
    const entered: number[] = [];
    const queue = pageQueue((page) => entered.push(page));
    const stop = new AbortController();
    const first = queue.add({ page: 1, urgency: 0, signal: never, run: () => Promise.resolve(1) });
    const second = queue.add({ page: 2, urgency: 0, signal: stop.signal, run: () => Promise.resolve(2) });
    stop.abort();
    await expect(second).rejects.toMatchObject({ name: 'AbortError' });
    expect(await first).toBe(1);
    expect(entered).toEqual([1]);
  });

  it('goes on after a failure, and ends when it is closed', async () => {
    const queue = pageQueue(() => {});
    await expect(
      queue.add({ page: 1, urgency: 0, signal: never, run: () => Promise.reject(new Error('no')) }),
    ).rejects.toThrow('no');
    expect(await queue.add({ page: 2, urgency: 0, signal: never, run: () => Promise.resolve(2) })).toBe(2);
    queue.close();
    await expect(
      queue.add({ page: 3, urgency: 0, signal: never, run: () => Promise.resolve(3) }),
    ).rejects.toMatchObject({ name: 'AbortError' });
  });
});
