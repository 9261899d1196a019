// Work on pages, strictly one after the other, the most urgent first. Work that nobody waits for any more is dropped
// before it starts. Not its business: what the work is.

export interface Job<T> {
  page: number;
  /** Smaller is more urgent. */
  urgency: number;
  signal: AbortSignal;
  run(signal: AbortSignal): Promise<T>;
}

export interface PageQueue {
  add<T>(job: Job<T>): Promise<T>;
  close(): void;
}

interface Waiting {
  job: Job<unknown>;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

const cancelled = (): DOMException => new DOMException('no longer wanted', 'AbortError');

/** `enter` is told which page is worked on. */
export function pageQueue(enter: (page: number) => void): PageQueue {
  const waiting: Waiting[] = [];
  let running = false;
  let closed = false;

  function next(): Waiting | undefined {
    let best: Waiting | undefined;
    for (const each of waiting) if (!best || each.job.urgency < best.job.urgency) best = each;
    if (best) waiting.splice(waiting.indexOf(best), 1);
    return best;
  }

  async function work(): Promise<void> {
    if (running) return;
    running = true;
    for (let entry = next(); entry; entry = next()) {
      if (closed || entry.job.signal.aborted) {
        entry.reject(cancelled());
        continue;
      }
      enter(entry.job.page);
      try {
        entry.resolve(await entry.job.run(entry.job.signal));
      } catch (thrown) {
        entry.reject(thrown);
      }
    }
    running = false;
  }

  return {
    add<T>(job: Job<T>): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        if (closed) reject(cancelled());
        else {
          waiting.push({ job: job as Job<unknown>, resolve: resolve as (value: unknown) => void, reject });
          void work();
        }
      });
    },
    close() {
      closed = true;
      for (const entry of waiting.splice(0)) entry.reject(cancelled());
    },
  };
}
