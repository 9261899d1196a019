// What can be done next on the sign screen, and why signing is not possible yet. Pure. Rust checks everything again.
import type { CredentialCard, ReviewSheet, SignOptions, TokensView, Where } from '../../lib/ipc';

export interface Draft {
  credential: string;
  where: Where;
  field: string;
  placed: boolean;
  accepted: readonly string[];
}

export type Hindrance =
  | 'loading'
  | 'signed-already'
  | 'not-signable'
  | 'pages-not-seen'
  | 'page-not-reviewable'
  | 'findings-open'
  | 'source-changed'
  | 'no-token'
  | 'no-credential'
  | 'credential-unusable'
  | 'no-field'
  | 'no-place'
  | 'output-unknown';

/** Hindrances that are dealt with on the review screen. */
export const AT_REVIEW: readonly Hindrance[] = [
  'not-signable',
  'pages-not-seen',
  'page-not-reviewable',
  'findings-open',
  'source-changed',
];

/** Contracts in these states can (still) be signed. */
const OPEN = ['to-review', 'waiting-for-token'];

export function usable(card: CredentialCard): boolean {
  return card.problem === null && card.token.pin !== 'locked';
}

/** Pages that must be seen and were not. */
export function unseen(sheet: ReviewSheet): number[] {
  if (!sheet.all_pages_must_be_seen) return [];
  const seen = new Set(sheet.seen);
  return Array.from({ length: sheet.pages }, (_, at) => at + 1).filter((page) => !seen.has(page));
}

/** Blocking findings that nobody accepted. */
export function open(sheet: ReviewSheet, accepted: readonly string[]): string[] {
  const blocking = sheet.findings
    .filter((finding) => finding.weight === 'block')
    .map((finding) => finding.code);
  return [...new Set(blocking)].filter((code) => !accepted.includes(code));
}

/** The first thing in the way; `undefined`: the contract can be signed. */
export function hindrance(
  sheet: ReviewSheet | undefined,
  options: SignOptions | undefined,
  tokens: TokensView | undefined,
  draft: Draft,
): Hindrance | undefined {
  if (!sheet || !options) return 'loading';
  if (!OPEN.includes(sheet.card.state)) return 'signed-already';
  // A file that is gone from its folder is no hindrance: the private copy is what is signed.
  if (sheet.card.source === 'changed') return 'source-changed';
  if (!sheet.signable && sheet.refusals.some((refusal) => refusal.code !== 'content-blocked'))
    return 'not-signable';
  if (unseen(sheet).length > 0) return 'pages-not-seen';
  if (sheet.unreviewable.some((page) => !sheet.seen_as_picture.includes(page))) return 'page-not-reviewable';
  if (open(sheet, draft.accepted).length > 0) return 'findings-open';
  if (!tokens) return 'loading';
  if (tokens.credentials.length === 0) return 'no-token';
  const card = tokens.credentials.find((one) => one.id === draft.credential);
  if (!card) return 'no-credential';
  if (!usable(card)) return 'credential-unusable';
  if (draft.where === 'field' && draft.field === '') return 'no-field';
  if (draft.where === 'place' && !draft.placed) return 'no-place';
  if (options.output_name === '') return 'output-unknown';
  return undefined;
}

/** The credential that is chosen to begin with: the one that the person wanted and no other; else the last one if it
 * works, else the only one that does. */
export function preselected(tokens: TokensView, last: string | null, wanted = ''): string {
  // A last try is never offered by itself.
  const working = tokens.credentials.filter((card) => usable(card) && card.token.pin !== 'final-try');
  const known = working.find((card) => card.id === (wanted || last));
  if (known) return known.id;
  return wanted === '' && working.length === 1 ? (working[0]?.id ?? '') : '';
}
