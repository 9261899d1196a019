import { describe, expect, it } from 'vitest';
import type { ContractState } from '../../lib/ipc';
import { cardOf } from '../../lib/testing/parts';
import { grouped, inHand, matches, next, ORDER, routeFor } from './groups';

describe('groups', () => {
  it('stand in the order of urgency, without empty ones, and lose no contract', () => {
    const cards = [...ORDER].reverse().map((state, at) => cardOf(`c${String(at)}`, state));
    expect(grouped(cards).map((group) => group.state)).toEqual(ORDER);
    expect(grouped(cards).flatMap((group) => group.cards)).toHaveLength(cards.length);
    expect(grouped([])).toEqual([]);
    expect(inHand(cards)).toBe(6);
  });

  it('keep the order within', () => {
    const cards = [cardOf('b', 'done'), cardOf('a', 'done')];
    expect(grouped(cards)[0]?.cards.map((card) => card.id)).toEqual(['b', 'a']);
  });
});

describe('search', () => {
  const card = cardOf('c', 'done', {
    name: '基金托管协议（Ｂ版）.pdf',
    output: 'Final-signed.pdf',
    sha256: 'beef'.repeat(16),
  });
  it.each([
    ['', true],
    ['托管', true],
    ['b版', true],
    ['final 托管', true],
    ['BEEFBEEF', true],
    ['担保', false],
    ['托管 担保', false],
  ])('%s', (sought, found) => {
    expect(matches(card, sought)).toBe(found);
  });
});

describe('what is next', () => {
  it.each<[ContractState, string, string]>([
    ['to-review', 'review', 'review'],
    ['rejected', 'look-again', 'review'],
    ['waiting-for-token', 'sign', 'sign'],
    ['waiting-for-stamp', 'receipt', 'receipt'],
    ['ready-to-submit', 'submit', 'receipt'],
    ['waiting-for-chain', 'receipt', 'receipt'],
    ['done', 'receipt', 'receipt'],
    ['needs-attention', 'attend', 'receipt'],
  ])('%s', (state, todo, screen) => {
    const card = cardOf('c', state);
    expect([next(card), routeFor(card)]).toEqual([todo, { screen, contract: 'c' }]);
  });

  it('of what runs is to watch it', () => {
    expect(routeFor(cardOf('c', 'waiting-for-token', { running: 'signed' })).screen).toBe('receipt');
  });
});
