// The one file that talks to the shell. Every command, typed, as a function that resolves to its value or throws a
// `FaultError`. Not its business: what is shown (stores, screens), how a command works (Rust).
import { convertFileSrc } from '@tauri-apps/api/core';
import { commands, events, type DeskEvent, type FaultShown } from './bindings';

export type * from './bindings';

/** A refused command: `shown` is what the shell said, text is found by its code. */
export class FaultError extends Error {
  constructor(readonly shown: FaultShown) {
    super(shown.code);
    this.name = 'FaultError';
  }
}

/** Whatever was thrown, as a fault that can be shown. */
export function asFault(thrown: unknown): FaultShown {
  if (thrown instanceof FaultError) return thrown.shown;
  if (isFault(thrown)) return thrown;
  const reason = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return {
    code: 'internal',
    stage: 'window',
    remedy: 'contact-support',
    detail: { reason: reason.slice(0, 500) },
  };
}

function isFault(value: unknown): value is FaultShown {
  return typeof value === 'object' && value !== null && typeof (value as FaultShown).code === 'string';
}

type Envelope = { status: 'ok'; data: unknown } | { status: 'error'; error: unknown };
type Value<R> = R extends { status: 'ok'; data: infer T } ? T : R extends { status: 'error' } ? never : R;
type Direct<F> = F extends (...given: infer A) => Promise<infer R>
  ? (...given: A) => Promise<Value<R>>
  : never;
type Direction = { readonly [K in keyof typeof commands]: Direct<(typeof commands)[K]> };

function isEnvelope(value: unknown): value is Envelope {
  const status = (value as Envelope | null)?.status;
  return typeof value === 'object' && (status === 'ok' || status === 'error');
}

async function opened(answer: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await answer;
  } catch (thrown) {
    throw new FaultError(asFault(thrown));
  }
  if (!isEnvelope(value)) return value;
  if (value.status === 'ok') return value.data;
  throw new FaultError(asFault(value.error));
}

/** Commands of the shell: `await ipc.deskView()`. */
export const ipc = Object.fromEntries(
  Object.entries(commands).map(([name, call]) => [
    name,
    (...given: unknown[]) => opened((call as (...given: unknown[]) => Promise<unknown>)(...given)),
  ]),
) as unknown as Direction;

let ears: Promise<unknown> = Promise.resolve();

/** Resolves once everybody who asked for events so far does hear them. */
export const heard = (): Promise<unknown> => ears;

/** Listens until the returned function is called. */
export function onDeskEvent(handle: (event: DeskEvent) => void): () => void {
  const listening = events.deskEvent.listen(({ payload }) => {
    handle(payload);
  });
  ears = Promise.allSettled([ears, listening]);
  return () => {
    void listening.then((stop) => {
      stop();
    });
  };
}

/** Address of something the shell serves: `<id>/file`, `<id>/page/3?w=800`. */
export function docUrl(path: string): string {
  const [bare = '', query] = path.split('?');
  // Slashes stay as they are: the shell takes the path apart.
  const url = convertFileSrc(bare, 'doc').replaceAll('%2F', '/');
  return query === undefined ? url : `${url}?${query}`;
}
