import { describe, expect, it } from 'vitest';
import { cardOf } from '../testing/parts';
import type { ContractState } from '../ipc';
import type { Route } from '../router.svelte';
import { position, whereIs } from './steps';

const on = (screen: 'review' | 'sign' | 'receipt'): Route => ({ screen, contract: 'c' });
const DESK: Route = { screen: 'desk' };

describe('the tour follows what the person does', () => {
  it.each<[ContractState, Route, string, boolean]>([
    ['to-review', DESK, 'review', false],
    ['to-review', on('review'), 'review', true],
    ['to-review', on('sign'), 'sign', true],
    ['waiting-for-token', DESK, 'sign', false],
    ['waiting-for-stamp', on('receipt'), 'receipt', true],
    ['waiting-for-chain', DESK, 'receipt', false],
    ['ready-to-submit', on('receipt'), 'submit', true],
    ['ready-to-submit', DESK, 'submit', false],
    ['done', on('receipt'), 'verify', true],
    ['done', { screen: 'verify' }, 'verify', true],
    ['rejected', DESK, 'review', false],
  ])('%s on %o', (state, route, step, onScreen) => {
    expect(whereIs(route, cardOf('c', state), false)).toEqual({ step, onScreen });
  });

  it('is over once the result was verified, and starts over nothing', () => {
    expect(whereIs({ screen: 'verify', report: 'r' }, cardOf('c', 'done'), true)).toEqual({
      step: 'done',
      onScreen: true,
    });
    expect(whereIs(DESK, undefined, false)).toEqual({ step: 'review', onScreen: false });
    expect(position({ step: 'done', onScreen: true })).toBe(5);
    expect(position({ step: 'receipt', onScreen: true })).toBe(2);
  });
});
