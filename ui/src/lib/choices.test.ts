import { expect, it } from 'vitest';
import { choices } from './choices';

const place = { page: 5, x: 10, y: 20, width: 120, height: 50 };

it('keeps what was decided for each contract, field and place excluding each other', () => {
  choices.change('a', { accepted: ['javascript'] });
  choices.change('a', { field: 'Signature1' });
  expect(choices.of('a')).toEqual({ contract: 'a', accepted: ['javascript'], field: 'Signature1' });
  choices.change('a', { place });
  expect(choices.of('a')).toEqual({ contract: 'a', accepted: ['javascript'], place });
  choices.change('a', { accepted: [] });
  expect(choices.of('a')).toEqual({ contract: 'a', accepted: [], place });
  choices.change('a', { place: undefined });
  expect(choices.of('a')).toEqual({ contract: 'a', accepted: [] });
  expect(choices.of('b')).toEqual({ contract: 'b', accepted: [] });
  choices.change('a', { place });
  choices.forget('a');
  expect(choices.of('a')).toEqual({ contract: 'a', accepted: [] });
});
