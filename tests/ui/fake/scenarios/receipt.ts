// Receipt: each place where the timeline can stand.
import type { Receipt } from '../../../../ui/src/lib/bindings';
import { NOW, before, card, fault, stages } from '../parts';
import type { Scenario } from '../scenario';
import { CUSTODY, payload, receipt, scenario, settings, world } from '../world';

const later = new Date(NOW + 4 * 60_000).toISOString();
const output = '基金托管协议（样本）-signed.pdf';

function one(name: string, about: string, part: Partial<Receipt>, more: Partial<Scenario> = {}): Scenario {
  const shown = receipt(part);
  const base = world({ receipts: { c1: shown } });
  base.desk.contracts[0] = shown.card;
  return scenario({ name, about, screen: 'receipt', contract: 'c1', world: base, ...more });
}

const held: Partial<Receipt> = {
  card: card('c1', CUSTODY, 'ready-to-submit', { output }),
  stages: stages('recorded', { state: 'waiting', at: null, facts: { endpoint: 'custody-chain' } }),
  may_submit: true,
};

export const receipts = [
  one('receipt', 'Everything done', {}),
  one('receipt-held', 'The payload waits for a word', held, {
    after: {
      receipt_submit: [
        {
          wait: 200,
          patch: {
            receipts: {
              c1: receipt({ ...held, stages: stages('recorded', { state: 'running' }), may_submit: false }),
            },
          },
          emit: { event: 'changed', contract: 'c1' },
        },
        {
          wait: 200,
          patch: {
            receipts: { c1: receipt({ stages: stages('submitted', { state: 'waiting', next_try: later }) }) },
          },
          emit: { event: 'stage', contract: 'c1', stage: 'submitted' },
        },
        {
          wait: 200,
          patch: { receipts: { c1: receipt() } },
          emit: { event: 'stage', contract: 'c1', stage: 'final' },
        },
      ],
    },
  }),
  one('receipt-running', 'The stamp is being fetched', {
    card: card('c1', CUSTODY, 'waiting-for-stamp', { running: 'stamped' }),
    stages: stages('signed', { state: 'running' }),
    sha256_after: null,
    level: null,
    evidence: null,
    record_id: null,
    payload: payload('full', false),
  }),
  one('receipt-no-stamp', 'The authority is away; signed as B-B', {
    card: card('c1', CUSTODY, 'waiting-for-stamp', {
      output,
      fault: fault('tsa-unreachable', 'timestamp', 'retry'),
    }),
    stages: stages('signed', {
      state: 'waiting',
      next_try: later,
      fault: fault('tsa-unreachable', 'timestamp', 'retry', { url: 'https://tsa.example.org' }),
    }),
    level: 'B-B',
    evidence: null,
    record_id: null,
    payload: payload('full', false),
    may_retry: true,
  }),
  one('receipt-chain-away', 'The endpoint is away', {
    card: card('c1', CUSTODY, 'waiting-for-chain', { output }),
    stages: stages('recorded', {
      state: 'waiting',
      next_try: later,
      fault: fault('endpoint-unreachable', 'submit', 'retry', { reason: 'connection refused' }),
    }),
    may_retry: true,
  }),
  one('receipt-not-final', 'Submitted, not final', {
    card: card('c1', CUSTODY, 'waiting-for-chain', { output }),
    stages: stages('submitted', {
      state: 'waiting',
      next_try: later,
      facts: { endpoint: 'custody-chain', confirmations: '3/12' },
    }),
  }),
  one('receipt-mismatch', 'Not the chain that is pinned', {
    card: card('c1', CUSTODY, 'needs-attention', { output }),
    stages: stages('recorded', {
      state: 'failed',
      fault: fault('chain-mismatch', 'submit', 'change-settings', {
        what: 'genesis',
        pinned: '0x4c1f…90aa',
        seen: '0x77e0…1b02',
      }),
    }),
    may_retry: true,
  }),
  one('receipt-violated', 'A final entry has gone from the chain', {
    card: card('c1', CUSTODY, 'needs-attention', { output }),
    stages: stages('submitted', {
      state: 'failed',
      fault: fault('chain-violated', 'submit', 'contact-support', { block_number: '1904422' }),
    }),
  }),
  one('receipt-no-endpoint', 'Nothing was to be submitted', {
    stages: stages('recorded', {}, ['submitted', 'final']),
    payload: null,
  }),
  one('receipt-waiting-token', 'Approved, the token is not there', {
    card: card('c1', CUSTODY, 'waiting-for-token', { fault: fault('token-absent', 'sign', 'insert-token') }),
    stages: stages('approved', {
      state: 'waiting',
      at: before(3),
      fault: fault('token-absent', 'sign', 'insert-token'),
    }),
    sha256_after: null,
    field: null,
    level: null,
    evidence: null,
    record_id: null,
    payload: null,
    may_retry: true,
  }),
  one('receipt-practice', 'Made with practice means', { practice: true }),
  one(
    'receipt-fault',
    'The receipt cannot be read',
    {},
    { fail: { receipt_view: fault('store-unusable', 'record', 'contact-support') } },
  ),
].map((given) => {
  if (given.name === 'receipt-practice') {
    given.world.desk.practice = true;
    given.world.settings = settings({ practice: true });
  }
  return given;
});
