// Review: ordinary, all seen, blocked, refused, changed, not readable.
import { card, fault, signature } from '../parts';
import { CUSTODY, scenario, sheet, world } from '../world';

const one = (name: string, about: string, more: Parameters<typeof sheet>[0]) =>
  scenario({
    name,
    about,
    screen: 'review',
    contract: 'c1',
    world: (() => {
      const reviewed = sheet(more);
      const base = world({ reviews: { c1: reviewed } });
      base.desk.contracts[0] = reviewed.card;
      return base;
    })(),
  });

export const review = [
  one('review', 'Two of five pages seen, two findings', {}),
  one('review-seen', 'Everything seen', { seen: [1, 2, 3, 4, 5] }),
  one('review-clean', 'No findings', { seen: [1, 2, 3, 4, 5], findings: [] }),
  one('review-blocked', 'Findings that block', {
    seen: [1, 2, 3, 4, 5],
    findings: [
      { code: 'javascript', weight: 'block', page: null, detail: 'OpenAction' },
      { code: 'optional-content', weight: 'block', page: 3, detail: '付款条款' },
      { code: 'hidden-annotation', weight: 'warn', page: 5, detail: '12 0' },
      { code: 'embedded-file', weight: 'warn', page: null, detail: 'annex.xlsx' },
    ],
  }),
  one('review-refused', 'Cannot be signed at all', {
    signable: false,
    refusals: [
      { code: 'docmdp-forbids', detail: 'P=1' },
      { code: 'field-locked', detail: 'PartyB.Signature' },
    ],
    signatures: [signature('PartyA.Signature', '李强', { later_changes: 'forbidden' })],
    seen: [1],
  }),
  one('review-signed', 'Two earlier signatures', {
    card: card('c1', CUSTODY, 'to-review', { earlier_signatures: 2 }),
    revisions: [
      { end: 165_516, signed_by: null },
      { end: 182_004, signed_by: 'PartyA.Signature' },
      { end: 199_402, signed_by: 'PartyB.Signature' },
    ],
    signatures: [
      signature('PartyA.Signature', '李强', { later_changes: 'permitted' }),
      signature('PartyB.Signature', 'Maria Rossi', {
        revision: 2,
        trust: 'untrusted',
        indication: 'INDETERMINATE',
        sub_indication: 'NO_CERTIFICATE_CHAIN_FOUND',
      }),
    ],
  }),
  one('review-changed', 'The file on disk is another one now', {
    card: card('c1', CUSTODY, 'to-review', { source: 'changed' }),
  }),
  one('review-missing', 'The file on disk is gone', {
    card: card('c1', CUSTODY, 'to-review', { source: 'missing' }),
  }),
  one('review-no-picture', 'The signing engine has no picture', {
    picture_fault: fault('picture-failed', 'review', 'none', { reason: 'encrypted' }),
  }),
  one('review-unreviewable', 'pdf.js warned about page 2', { unreviewable: [2] }),
  one('review-rejected', 'Turned down', {
    card: card('c1', CUSTODY, 'rejected', { rejected_because: '第 7 条违约金比例与会议纪要不符' }),
  }),
  scenario({
    name: 'review-slow',
    about: 'It takes its time',
    screen: 'review',
    contract: 'c1',
    slow: { review_open: 60_000 },
  }),
  scenario({
    name: 'review-fault',
    about: 'The file cannot be used',
    screen: 'review',
    contract: 'c1',
    fail: { review_open: fault('damaged-xref', 'review', 'ask-sender', { offset: '165102' }) },
  }),
];
