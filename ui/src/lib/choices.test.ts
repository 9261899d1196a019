import { expect, it } from 'vitest';
import { choices } from './choices';

it('keeps what was accepted for each contract, and knows whether anything was decided at all', () => {
  expect(choices.knows('a')).toBe(false);
  choices.accept('a', ['javascript']);
  expect(choices.of('a')).toEqual({ contract: 'a', accepted: ['javascript'] });
  expect(choices.of('b')).toEqual({ contract: 'b', accepted: [] });
  choices.accept('a', []);
  expect([choices.of('a').accepted, choices.knows('a')]).toEqual([[], true]);
  choices.forget('a');
  expect([choices.of('a').accepted, choices.knows('a')]).toEqual([[], false]);
});
