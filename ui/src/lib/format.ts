// How values are written: digests, sizes, times. Pure; the language is given.

/** First and last eight digits, the part people compare. */
export function digestShort(hex: string): string {
  return hex.length <= 20 ? hex : `${hex.slice(0, 8)} … ${hex.slice(-8)}`;
}

/** In groups of eight, for reading aloud. */
export function digestGroups(hex: string): string[] {
  return hex.match(/.{1,8}/g) ?? [];
}

export function size(octets: number, lang: string): string {
  const units = ['B', 'KB', 'MB', 'GB'];
  let value = octets;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${new Intl.NumberFormat(lang, { maximumFractionDigits: digits }).format(value)} ${units[unit] ?? ''}`;
}

/** Local time with its zone; the text itself when it is no time. */
export function dateTime(rfc3339: string, lang: string, timeZone?: string): string {
  const at = new Date(rfc3339);
  if (rfc3339 === '' || Number.isNaN(at.getTime())) return rfc3339;
  const parts = new Intl.DateTimeFormat(lang, {
    year: 'numeric',
    month: lang === 'zh-CN' ? '2-digit' : 'short',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).formatToParts(at);
  // The zone stands last in every language; some put it between day and hour.
  const zone = parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
  const rest = parts.map((part) => (part.type === 'timeZoneName' ? '' : part.value)).join('');
  return `${rest.replace(/\s+/g, ' ').trim()} ${zone}`.trim();
}

export function dateOnly(rfc3339: string, lang: string, timeZone?: string): string {
  const at = new Date(rfc3339);
  if (rfc3339 === '' || Number.isNaN(at.getTime())) return rfc3339;
  return new Intl.DateTimeFormat(lang, {
    year: 'numeric',
    month: lang === 'zh-CN' ? 'numeric' : 'short',
    day: 'numeric',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(at);
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** "3 minutes ago"; "now" below a minute. */
export function relative(rfc3339: string, now: number, lang: string): string {
  const at = Date.parse(rfc3339);
  if (Number.isNaN(at)) return rfc3339;
  const seconds = Math.round((at - now) / 1000);
  const words = new Intl.RelativeTimeFormat(lang, { numeric: 'auto' });
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return words.format(Math.trunc(seconds / length), unit);
  }
  return words.format(0, 'second');
}
