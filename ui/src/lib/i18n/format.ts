// Fills a text. `{name}` is a parameter; `{n|page|pages}` chooses by the number n (singular, plural).
export type Params = Readonly<Record<string, string | number>>;

export function fill(text: string, params: Params | undefined, lang: string): string {
  if (!text.includes('{')) return text;
  return text.replace(
    /\{([a-z_0-9]+)(?:\|([^|{}]*)\|([^|{}]*))?\}/gi,
    (whole, name: string, one?: string, other?: string) => {
      const value = params?.[name];
      if (value === undefined) return whole;
      if (one === undefined || other === undefined)
        return typeof value === 'number' ? number(value, lang) : value;
      return new Intl.PluralRules(lang).select(Number(value)) === 'one' ? one : other;
    },
  );
}

const number = (value: number, lang: string) => new Intl.NumberFormat(lang).format(value);
