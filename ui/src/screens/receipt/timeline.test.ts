import { describe, expect, it } from 'vitest';
import { fault, STAGES, stages } from '../../../../tests/ui/fake/parts';
import { payload, receipt } from '../../../../tests/ui/fake/world';
import { factRows, headline, news, nextStep, SYMBOL, timeline, TONE } from './timeline';

const held = receipt({ stages: stages('recorded', { state: 'waiting' }), may_submit: true });
const away = receipt({
  stages: stages('recorded', { state: 'waiting', fault: fault('endpoint-unreachable', 'submit', 'retry') }),
  may_retry: true,
});
const failed = receipt({ stages: stages('recorded', { state: 'failed' }), may_retry: true });
const stopped = receipt({
  card: { ...receipt().card, state: 'waiting-for-token', output: null },
  may_retry: true,
});

describe('the timeline', () => {
  it('keeps the order of the flow', () => {
    expect(timeline(receipt()).map((row) => row.entry.stage)).toEqual(STAGES);
  });
  it('claims proof only of what was reached', () => {
    const rows = timeline(held);
    expect(rows.find((row) => row.entry.stage === 'recorded')?.proves).toBe('recorded');
    expect(rows.find((row) => row.entry.stage === 'submitted')?.proves).toBeUndefined();
  });
  it('never calls a journal a chain', () => {
    const rows = timeline(receipt({ payload: { ...payload('digests', true), kind: 'journal' } }));
    expect(rows.slice(-2).map((row) => row.proves)).toEqual(['submitted-journal', 'final-journal']);
  });
  it('has a tone for every state, and a symbol for every one whose turn has come', () => {
    for (const state of ['done', 'running', 'waiting', 'not-wanted', 'failed'] as const) {
      expect([TONE[state], SYMBOL[state]].every((text) => text !== '')).toBe(true);
    }
  });
});

describe('facts', () => {
  it('stand in a fixed order and are shown as what they are', () => {
    const rows = factRows({
      zeta: 'z',
      sha256: 'a'.repeat(64),
      gen_time: '2026-11-24T09:00:00Z',
      signer: '王芳',
      empty: '',
    });
    expect(rows.map((row) => [row.name, row.kind])).toEqual([
      ['signer', 'plain'],
      ['gen_time', 'time'],
      ['sha256', 'digest'],
      ['zeta', 'plain'],
    ]);
  });
  it('takes a transaction for a digest', () => {
    expect(factRows({ transaction: `0x${'0f'.repeat(32)}` })[0]?.kind).toBe('digest');
  });
});

describe('the one thing to do next', () => {
  it.each([
    ['submit', held],
    ['retry', away],
    ['sign', stopped],
    ['open', receipt()],
    ['none', receipt({ card: { ...receipt().card, output: null } })],
  ])('%s', (expected, shown) => {
    expect(nextStep(shown)).toBe(expected);
  });
});

describe('the sentence above', () => {
  it.each([
    ['final', receipt()],
    ['held', held],
    ['waiting-submitted', away],
    ['failed', failed],
    ['running', receipt({ stages: stages('signed', { state: 'running' }) })],
    ['recorded', receipt({ stages: stages('recorded', {}, ['submitted', 'final']) })],
    ['begun', receipt({ stages: stages('opened') })],
  ])('%s', (expected, shown) => {
    expect(headline(shown)).toBe(expected);
  });
});

describe('what is read aloud', () => {
  it('is nothing at first', () => {
    expect(news(undefined, receipt())).toEqual([]);
  });
  it('is each stage that came to stand otherwise', () => {
    expect(news(held, receipt()).map((entry) => entry.stage)).toEqual(['submitted', 'final']);
  });
});
