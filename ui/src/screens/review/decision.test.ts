import { describe, expect, it } from 'vitest';
import type { ContractCard, FindingShown, FindingWeight } from '../../lib/ipc';
import { acceptedCodes, findingKey, keysOf, markers, obstacle, sorted } from './decision';

const finding = (
  code: string,
  weight: FindingWeight,
  page: number | null = null,
  detail = '',
): FindingShown => ({ code, weight, page, detail });
const card = (part: Partial<ContractCard> = {}): ContractCard =>
  ({ state: 'to-review', source: 'unchanged', ...part }) as ContractCard;
const script = finding('javascript', 'block', 2);
const scriptElsewhere = finding('javascript', 'block', 4);
const layers = finding('optional-content', 'block');
const link = finding('uri-action', 'note', 4);
const findings = [link, script, scriptElsewhere, layers];
const keys = (...list: FindingShown[]) => new Set(list.map(findingKey));

describe('going on to sign', () => {
  const sheet = { card: card(), signable: true, findings, all_pages_must_be_seen: true };
  it.each([
    ['rejected', { ...sheet, card: card({ state: 'rejected' }) }, [], keys(), 'rejected'],
    ['signed already', { ...sheet, card: card({ state: 'done' }) }, [], keys(), 'moved-on'],
    ['another file on disk', { ...sheet, card: card({ source: 'changed' }) }, [], keys(), 'source-changed'],
    [
      'the file gone, which takes nothing from the copy',
      { ...sheet, card: card({ source: 'missing' }) },
      [],
      keys(script, scriptElsewhere, layers),
      undefined,
    ],
    ['refused', { ...sheet, signable: false }, [], keys(), 'refused'],
    ['pages unseen', sheet, [3, 5], keys(), 'unseen'],
    ['pages unseen that need not be', { ...sheet, all_pages_must_be_seen: false }, [3], keys(), 'findings'],
    ['a finding not accepted', sheet, [], keys(script, scriptElsewhere), 'findings'],
    ['everything done', sheet, [], keys(script, scriptElsewhere, layers), undefined],
    [
      'waiting for the token',
      { ...sheet, card: card({ state: 'waiting-for-token' }), findings: [] },
      [],
      keys(),
      undefined,
    ],
  ])('%s', (_, given, unseen, accepted, why) => {
    expect(obstacle(given, unseen, [], accepted)?.why).toBe(why);
  });

  it('tells how many and which', () => {
    expect(obstacle(sheet, [3, 5], [2], keys())).toEqual({ why: 'unseen', pages: [3, 5] });
    expect(obstacle({ ...sheet, all_pages_must_be_seen: false }, [3], [2, 4], keys())).toEqual({
      why: 'unrelied',
      pages: [2, 4],
    });
    expect(obstacle(sheet, [], [], keys(script))).toEqual({ why: 'findings', left: 2 });
  });
});

describe('accepting', () => {
  it('counts for a code only when every finding of it was accepted', () => {
    expect(acceptedCodes(findings, keys(script))).toEqual([]);
    expect(acceptedCodes(findings, keys(script, scriptElsewhere))).toEqual(['javascript']);
    expect(acceptedCodes(findings, keys(script, scriptElsewhere, layers, link))).toEqual([
      'javascript',
      'optional-content',
    ]);
  });
  it('comes back from codes', () => {
    expect(keysOf(findings, ['javascript', 'uri-action'])).toEqual(keys(script, scriptElsewhere));
  });
});

it('lists the heaviest first and marks pages with it', () => {
  expect(sorted(findings)).toEqual([layers, script, scriptElsewhere, link]);
  expect(markers(findings)).toEqual(
    new Map([
      [2, { weight: 'block', count: 1 }],
      [4, { weight: 'block', count: 2 }],
    ]),
  );
});
