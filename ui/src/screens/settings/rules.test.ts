import { describe, expect, it } from 'vitest';
import { emptyDraft, finalityOf, isWebUrl, wrongs } from './evm';
import { endpointLocked, endpointsLocked, isLocked } from './locks';

describe('locks', () => {
  it.each([
    [['tsa'], 'tsa', true],
    [['trust.anchors'], 'trust.anchors', true],
    [['trust'], 'trust.anchors', true],
    [['endpoint.main.url'], 'endpoint.main', true],
    [['trust.anchors'], 'trust.tsa_anchors', false],
    [['tsa2'], 'tsa', false],
    [[], 'tsa', false],
  ])('%j on %s', (locked, key, wanted) => {
    expect(isLocked(locked, key)).toBe(wanted);
  });

  it('on one endpoint leave room for others', () => {
    const locked = ['endpoint.main'];
    expect([
      endpointLocked(locked, 'main'),
      endpointLocked(locked, 'other'),
      endpointsLocked(locked),
    ]).toEqual([true, false, false]);
    expect([endpointLocked(['endpoint'], 'other'), endpointsLocked(['endpoint'])]).toEqual([true, true]);
  });
});

describe('an EVM endpoint', () => {
  const good = {
    ...emptyDraft(),
    name: 'main',
    url: 'https://node.example',
    contract: `0x${'a1'.repeat(20)}`,
  };

  it('that is well said has nothing wrong', () => {
    expect(wrongs(good, [])).toEqual({});
    expect([finalityOf(good), finalityOf({ ...good, finality: 'finalized' })]).toEqual([
      'confirmations:12',
      'finalized',
    ]);
  });

  it.each([
    [{ name: '' }, { name: 'name' }],
    [{ name: 'Main' }, { name: 'name' }],
    [{ name: 'old' }, { name: 'name-taken' }],
    [{ url: 'ftp://x' }, { url: 'url' }],
    [{ contract: '0x12' }, { contract: 'address' }],
    [{ account: 'me' }, { account: 'address' }],
    [{ confirmations: '0' }, { confirmations: 'confirmations' }],
    [{ confirmations: '1.5' }, { confirmations: 'confirmations' }],
    [{ confirmations: '', finality: 'instant' as const }, {}],
  ])('%j', (change, wanted) => {
    expect(wrongs({ ...good, ...change }, ['old'])).toEqual(wanted);
  });

  it.each([
    ['https://a.example/x', true],
    ['http://127.0.0.1:8545', true],
    ['https://user:secret@a.example', false],
    ['file:///etc/passwd', false],
    ['a.example', false],
  ])('%s', (url, wanted) => {
    expect(isWebUrl(url)).toBe(wanted);
  });
});
