import { describe, expect, it } from 'vitest';
import type { SignatureFacts } from '../../lib/ipc';
import { signature } from '../../../../tests/ui/fake/parts';
import en from './en.json';
import zh from './zh-CN.json';
import { fourFacts, HEADLINE, LATER, revocationTone, SYMBOL } from './facts';

const tones = (
  part: Partial<SignatureFacts>,
  chain: 'matches' | 'absent' | 'unverified' | 'differs' | 'not-checked' = 'matches',
) => fourFacts(signature('S', 'x', part), { chain }).map((fact) => fact.tone);

describe('four facts', () => {
  it('are each bad alone', () => {
    expect(tones({})).toEqual(['yes', 'yes', 'yes', 'yes']);
    expect(tones({ integrity: 'broken' })).toEqual(['no', 'yes', 'yes', 'yes']);
    expect(tones({ trust: 'untrusted' })).toEqual(['yes', 'no', 'yes', 'yes']);
    expect(tones({ tsa_trust: 'untrusted' })).toEqual(['yes', 'yes', 'no', 'yes']);
    expect(tones({}, 'differs')).toEqual(['yes', 'yes', 'yes', 'no']);
  });
  it('are unknown where nothing is known', () => {
    expect(
      tones({ integrity: 'not-understood', trust: 'unknown', tsa_trust: 'unknown' }, 'unverified'),
    ).toEqual(Array.from({ length: 4 }, () => 'unknown'));
  });
  it('do not take a claimed time, or none, for a proof', () => {
    expect(tones({ time: 'claimed' })[2]).toBe('unknown');
    expect(tones({ time: 'none' })[2]).toBe('none');
  });
  it('do not call a part of a revision intact', () => {
    expect(tones({ whole_revision: false })[0]).toBe('unknown');
    expect(tones({ whole_revision: false, integrity: 'broken' })[0]).toBe('no');
  });
  it('let a revoked certificate outweigh a trusted one', () => {
    expect(tones({ revocation: 'revoked' })[1]).toBe('no');
    expect([revocationTone('good'), revocationTone('unknown'), revocationTone('')]).toEqual([
      'yes',
      'unknown',
      'unknown',
    ]);
  });
  it('do not count a record that was not looked for', () => {
    expect([tones({}, 'absent')[3], tones({}, 'not-checked')[3]]).toEqual(['none', 'none']);
  });
});

describe('headlines and symbols', () => {
  it('differ for every tone', () => {
    expect(new Set(Object.values(SYMBOL)).size).toBe(4);
    expect(new Set(Object.values(HEADLINE)).size).toBe(4);
    expect(LATER.unknown).toBe('unknown');
  });
});

describe('words', () => {
  it('are there for every fact that can occur', () => {
    const each = (part: Partial<SignatureFacts>) => fourFacts(signature('S', 'x', part), { chain: 'absent' });
    for (const part of [
      {},
      { integrity: 'broken', trust: 'untrusted', time: 'claimed' },
      { integrity: 'not-understood', trust: 'unknown', time: 'none' },
      { whole_revision: false, revocation: 'revoked', tsa_trust: 'unknown' },
      { tsa_trust: 'untrusted' },
    ] as const) {
      for (const fact of each(part)) {
        for (const key of [`verify.${fact.word}`, `verify.${fact.means}`])
          expect([key, key in zh, key in en]).toEqual([key, true, true]);
      }
    }
  });
  it('never judge what the law says', () => {
    for (const text of [...Object.values(en), ...Object.values(zh)]) {
      expect(text).not.toMatch(/legally (valid|binding|effective)|具有法律效力|法律上有效/i);
    }
  });
});
