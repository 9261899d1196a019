import { describe, expect, it } from 'vitest';
import type {
  ContractState,
  CredentialCard,
  ReviewSheet,
  SignDraft,
  SignOptions,
  TokensView,
} from '../../lib/ipc';
import { credential, token } from '../../../../tests/ui/fake/parts';
import { options, sheet, tokens } from '../../../../tests/ui/fake/world';
import { pinRemark, reason, validity } from './credential';
import { EMPTY, started } from './draft';
import { leaving } from './leaving';
import { hindrance, open, preselected, unseen, type Draft } from './primary';
import { follow, kept, standingOf, wayOut, type Standing } from './progress';

const seen = sheet({ seen: [1, 2, 3, 4, 5] });
const draft: Draft = { credential: 'k1', where: 'invisible', field: '', placed: false, accepted: [] };
const blocked = [{ code: 'javascript', weight: 'block' as const, page: null, detail: '' }];
const inState = (state: ContractState): ReviewSheet => ({ ...seen, card: { ...seen.card, state } });
const only = (card: CredentialCard): TokensView => tokens({ credentials: [card], tokens: [card.token] });

describe('what stands in the way of signing', () => {
  const cases: [
    string,
    string | undefined,
    ReviewSheet | undefined,
    SignOptions,
    TokensView | undefined,
    Partial<Draft>,
  ][] = [
    ['nothing', undefined, seen, options(), tokens(), {}],
    ['a token that waits', undefined, inState('waiting-for-token'), options(), tokens(), {}],
    ['still loading', 'loading', undefined, options(), tokens(), {}],
    ['tokens not looked for yet', 'loading', seen, options(), undefined, {}],
    ['signed meanwhile', 'signed-already', inState('done'), options(), tokens(), {}],
    ['rejected', 'signed-already', inState('rejected'), options(), tokens(), {}],
    [
      'another file on disk',
      'source-changed',
      sheet({ ...seen, card: { ...seen.card, source: 'changed' } }),
      options(),
      tokens(),
      {},
    ],
    [
      'a refusal',
      'not-signable',
      sheet({ ...seen, signable: false, refusals: [{ code: 'docmdp-forbids', detail: '' }] }),
      options(),
      tokens(),
      {},
    ],
    ['pages unseen', 'pages-not-seen', sheet({ seen: [1] }), options(), tokens(), {}],
    [
      'pages unseen, but need not be',
      undefined,
      sheet({ seen: [], all_pages_must_be_seen: false }),
      options(),
      tokens(),
      {},
    ],
    [
      'a page not shown right',
      'page-not-reviewable',
      sheet({ ...seen, unreviewable: [2] }),
      options(),
      tokens(),
      {},
    ],
    [
      'its picture looked at',
      undefined,
      sheet({ ...seen, unreviewable: [2], seen_as_picture: [2] }),
      options(),
      tokens(),
      {},
    ],
    [
      'a file gone from its folder',
      undefined,
      sheet({ ...seen, card: { ...seen.card, source: 'missing' } }),
      options(),
      tokens(),
      {},
    ],
    [
      'a finding not accepted',
      'findings-open',
      sheet({ ...seen, findings: blocked }),
      options(),
      tokens(),
      {},
    ],
    [
      'a finding accepted',
      undefined,
      sheet({ ...seen, findings: blocked }),
      options(),
      tokens(),
      { accepted: ['javascript'] },
    ],
    ['no token', 'no-token', seen, options(), tokens({ credentials: [] }), {}],
    ['none chosen', 'no-credential', seen, options(), tokens(), { credential: '' }],
    ['the chosen one is gone', 'no-credential', seen, options(), tokens(), { credential: 'k9' }],
    [
      'a locked PIN',
      'credential-unusable',
      seen,
      options(),
      only(credential('k1', 'x', { token: token({ pin: 'locked' }) })),
      {},
    ],
    [
      'expired',
      'credential-unusable',
      seen,
      options(),
      only(credential('k1', 'x', { problem: { code: 'certificate-expired', detail: '' } })),
      {},
    ],
    ['no field chosen', 'no-field', seen, options(), tokens(), { where: 'field' }],
    ['no box drawn', 'no-place', seen, options(), tokens(), { where: 'place' }],
    ['a box drawn', undefined, seen, options(), tokens(), { where: 'place', placed: true }],
  ];
  it.each(cases)('%s: %s', (_, expected, review, offered, found, part) => {
    expect(hindrance(review, offered, found, { ...draft, ...part })).toBe(expected);
  });

  it('names unseen pages and open findings once each', () => {
    expect(unseen(sheet({ seen: [2, 4] }))).toEqual([1, 3, 5]);
    expect(open(sheet({ findings: [...blocked, ...blocked] }), [])).toEqual(['javascript']);
  });
});

describe('the credential to begin with', () => {
  it('is the last one used, when it works', () => {
    expect(preselected(tokens(), 'k2')).toBe('k2');
  });
  it('is nobody where there is a choice', () => {
    expect(preselected(tokens(), 'gone')).toBe('');
  });
  it('is the one that the person wanted, and no other while its token is away', () => {
    expect(preselected(tokens(), 'k1', 'k2')).toBe('k2');
    expect(preselected(only(credential('k1', 'x')), 'k1', 'k2')).toBe('');
  });
  it('is never one whose next wrong PIN locks the token', () => {
    expect(preselected(only(credential('k1', 'x', { token: token({ pin: 'final-try' }) })), 'k1')).toBe('');
  });
});

describe('what the screen starts from', () => {
  const place = { page: 5, x: 10, y: 20, width: 120, height: 50 };
  const written: SignDraft = {
    ...EMPTY,
    credential: 'k2',
    where: 'place',
    field: 'PartyA.Signature',
    place,
    reason: '代表甲方',
    location: '上海',
    level: 'B-B',
    tsa: 1,
    endpoint: 'journal',
    submit_at_once: true,
  };
  it.each<[string, Partial<SignDraft> | null, Partial<SignOptions>, object]>([
    ['nothing was written', null, {}, { ...EMPTY, level: 'B-T', endpoint: 'custody-chain' }],
    ['everything is as it was', {}, {}, written],
    ['nothing is to be submitted', { endpoint: null }, {}, { endpoint: null }],
    ['the level is not offered', { level: 'B-LT' }, {}, { level: 'B-T' }],
    ['no authority is left', { level: 'B-T' }, { tsas: [] }, { level: 'B-B', tsa: null }],
    ['the endpoint is gone', { endpoint: 'old' }, {}, { endpoint: 'custody-chain', submit_at_once: false }],
    ['no endpoint is left', {}, { endpoints: [] }, { endpoint: null, submit_at_once: false }],
    ['the field is gone', { where: 'field', field: 'x' }, {}, { where: 'field', field: '' }],
    ['no field is left', { where: 'field' }, { fields: [] }, { where: 'invisible', field: '' }],
    ['nothing may be placed', {}, { may_place: false }, { where: 'invisible' }],
    ['the page is gone', { place: { ...place, page: 6 } }, {}, { where: 'place', place: null }],
  ])('%s', (_, before, more, expected) => {
    const draft = started(before && { ...written, ...before }, options(more), seen);
    expect(draft).toMatchObject(expected);
  });
});

describe('what is said of a credential', () => {
  it.each([
    [token(), 'pin-ok'],
    [token({ pin_pad: true }), 'pin-pad'],
    [token({ pin: 'count-low', pin_pad: true }), 'pin-low'],
    [token({ pin: 'final-try' }), 'pin-final'],
    [token({ pin: 'locked' }), 'pin-locked'],
  ])('PIN %#: %s', (card, key) => {
    expect(pinRemark(card).key).toBe(key);
  });
  it.each([
    [31, 'days-left'],
    [30, 'ends-soon'],
    [0, 'ends-soon'],
    [-1, 'expired'],
  ])('%i days: %s', (days_left, key) => {
    expect(validity(credential('k', 'x', { days_left })).key).toBe(key);
  });
  it('gives the certificate as the reason before the PIN', () => {
    const problem = { code: 'certificate-expired', detail: '' };
    expect(reason(credential('k', 'x', { problem, token: token({ pin: 'locked' }) }))).toBe(
      'certificate-expired',
    );
    expect(reason(credential('k', 'x', { token: token({ pin: 'locked' }) }))).toBe('pin-locked');
  });
});

describe('what leaves this computer', () => {
  const evm = options().endpoints[0];
  const journal = options().endpoints[1];
  it('is nothing without stamp and endpoint', () => {
    expect(leaving(options(), { level: 'B-B', tsa: null, endpoint: undefined }, null)).toEqual([]);
  });
  it('names the authorities in the order in which they are asked', () => {
    const rows = leaving(options(), { level: 'B-T', tsa: null, endpoint: undefined }, null);
    expect(rows).toEqual([{ to: 'tsa', host: 'tsa.example.org → tsa2.example.org', fields: ['imprint'] }]);
  });
  it('names only the chosen authority', () => {
    expect(leaving(options(), { level: 'B-T', tsa: 1, endpoint: undefined }, null)[0]?.host).toBe(
      'tsa2.example.org',
    );
  });
  it('knows the fields of a mode without a preview', () => {
    const [row] = leaving(options(), { level: 'B-B', tsa: null, endpoint: evm }, undefined);
    expect(row?.fields).toEqual(['evidence', 'document.sha256', 'signature.value', 'timestamp.token']);
  });
  it('says that a journal stays here', () => {
    expect(leaving(options(), { level: 'B-B', tsa: null, endpoint: journal }, undefined)[0]?.to).toBe(
      'local',
    );
  });
});

describe('where signing stands', () => {
  const fault = { code: 'pin-incorrect', stage: 'sign', remedy: 'enter-pin', detail: {} };
  const running: Standing = { at: 'running', now: 'approved' };
  it('goes on with stages, and is over when the token has signed', () => {
    expect(follow(running, { event: 'stage', contract: 'c1', stage: 'approved' }, 'c1')).toEqual({
      at: 'running',
      now: 'signed',
    });
    expect(follow(running, { event: 'stage', contract: 'c1', stage: 'stamped' }, 'c1')).toEqual({
      at: 'signed',
    });
  });
  it('does not listen to other contracts', () => {
    expect(follow(running, { event: 'stage', contract: 'c2', stage: 'signed' }, 'c1')).toBe(running);
    expect(follow(running, { event: 'fault', contract: 'c2', fault }, 'c1')).toBe(running);
  });
  it('goes back to the choices with a fault', () => {
    expect(follow(running, { event: 'fault', contract: 'c1', fault }, 'c1')).toEqual({
      at: 'choosing',
      fault,
    });
  });
  it('is read off the card of a contract that was left', () => {
    expect(standingOf({ ...seen.card, running: 'approved' })).toEqual({ at: 'running', now: 'approved' });
    expect(standingOf({ ...seen.card, state: 'waiting-for-stamp' })).toEqual({ at: 'signed' });
    expect(standingOf({ ...seen.card, fault })).toEqual({ at: 'choosing', fault });
  });
  it.each([
    ['pin-incorrect', 'enter-pin', 'all', 'again'],
    ['cancelled', 'retry', 'all', 'again'],
    ['token-removed', 'insert-token', 'all', 'look'],
    ['pin-locked', 'contact-support', 'all', 'none'],
    ['module-load', 'change-settings', 'all', 'settings'],
    ['changed-since-review', 'retry', 'file', 'review'],
    ['pages-not-seen', 'retry', 'pages', 'review'],
    ['content-blocked', 'ask-sender', 'pages', 'review'],
  ])('%s: what is kept, what to do', (code, remedy, keeps, way) => {
    expect([kept({ ...fault, code, remedy }), wayOut({ ...fault, code, remedy })]).toEqual([keeps, way]);
  });
});
