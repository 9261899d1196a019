import { describe, expect, it } from 'vitest';
import { dateOnly, dateTime, digestGroups, digestShort, relative, size } from './format';

const HEX = '0123456789abcdef'.repeat(4);

describe('digests', () => {
  it('are shown by what people compare', () => {
    expect(digestShort(HEX)).toBe('01234567 … 89abcdef');
    expect(digestShort('0x1234')).toBe('0x1234');
  });

  it('lose nothing in groups', () => {
    expect(digestGroups(HEX).join('')).toBe(HEX);
    expect(digestGroups(HEX)).toHaveLength(8);
  });
});

describe('sizes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 KB'],
    [165_516, '166 KB'],
    [105_000_000, '105 MB'],
    [1_500_000_000, '1.5 GB'],
  ])('%d', (octets, wanted) => {
    expect(size(octets, 'en')).toBe(wanted);
  });
});

describe('times', () => {
  const AT = '2026-11-24T09:26:05Z';

  it('are local, with their zone', () => {
    expect(dateTime(AT, 'zh-CN', 'Asia/Shanghai')).toMatch(/2026.*11.*24.*17:26:05/);
    expect(dateTime(AT, 'zh-CN', 'Asia/Shanghai')).toMatch(/17:26:05 GMT\+8$/);
    expect(dateTime(AT, 'en', 'UTC')).toMatch(/Nov 24, 2026.*09:26:05.*UTC/);
    expect(dateOnly(AT, 'zh-CN', 'Asia/Shanghai')).toBe('2026/11/24');
  });

  it('that are none are shown as they are', () => {
    expect([
      dateTime('', 'en'),
      dateTime('soon', 'en'),
      dateOnly('soon', 'en'),
      relative('soon', 0, 'en'),
    ]).toEqual(['', 'soon', 'soon', 'soon']);
  });

  it.each([
    ['2026-11-24T09:26:30Z', 'now'],
    ['2026-11-24T09:23:05Z', '3 minutes ago'],
    ['2026-11-24T06:00:00Z', '3 hours ago'],
    ['2026-11-23T06:00:00Z', 'yesterday'],
    ['2026-11-24T09:28:05Z', 'in 2 minutes'],
  ])('%s', (at, wanted) => {
    expect(relative(at, Date.parse(AT), 'en')).toBe(wanted);
  });
});
