// What is written on the sign screen, and what of it still holds for what can be chosen now. Pure. Not its business:
// keeping it (Rust keeps it with the contract).
import type { ReviewSheet, SignDraft, SignOptions } from '../../lib/ipc';

export const EMPTY: SignDraft = {
  credential: '',
  where: 'invisible',
  field: '',
  place: null,
  reason: '',
  location: '',
  level: '',
  tsa: null,
  endpoint: null,
  submit_at_once: false,
};

/** What the screen starts from: what was written before, as far as it can still be chosen; else the defaults. */
export function started(
  before: SignDraft | null,
  options: SignOptions,
  sheet: Pick<ReviewSheet, 'pages'>,
): SignDraft {
  const first = options.endpoints[0]?.name ?? null;
  const draft = { ...EMPTY, endpoint: first, ...before };
  if (!options.levels.includes(draft.level)) draft.level = options.levels[0] ?? 'B-B';
  if (draft.level !== 'B-B' && options.tsas.length === 0 && options.levels.includes('B-B'))
    draft.level = 'B-B';
  if (!options.tsas.some((tsa) => tsa.index === draft.tsa)) draft.tsa = null;
  if (draft.endpoint !== null && !options.endpoints.some((one) => one.name === draft.endpoint)) {
    // Another endpoint than the one that was chosen gets nothing unseen.
    draft.endpoint = first;
    draft.submit_at_once = false;
  }
  const fields = options.fields.filter((field) => !field.signed);
  if (!fields.some((field) => field.name === draft.field)) draft.field = '';
  if (draft.place && draft.place.page > sheet.pages) draft.place = null;
  const possible = { invisible: true, field: fields.length > 0, place: options.may_place };
  if (!possible[draft.where]) draft.where = 'invisible';
  return draft;
}
