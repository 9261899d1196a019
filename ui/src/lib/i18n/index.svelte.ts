// The language of the window and the texts in it. `t('desk.title')` in a template changes when the language does.
import { fill, type Params } from './format';
import { texts, type Key, type Lang } from './texts';

export type { Key, Lang } from './texts';

/** Chinese where the system speaks it, until the settings say. */
const preferred = (): Lang => (navigator.language.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en');

let lang = $state<Lang>(preferred());

export const language = {
  get current(): Lang {
    return lang;
  },
  set(next: Lang): void {
    lang = next;
    document.documentElement.lang = next;
  },
};

/** The text of a key. */
export function t(key: Key, params?: Params): string {
  return fill(texts[lang][key] ?? key, params, lang);
}

/** The text of a key that is put together at run time, if there is one: codes from the shell. */
export function maybe(key: string, params?: Params): string | undefined {
  const text = texts[lang][key];
  return text === undefined ? undefined : fill(text, params, lang);
}

/** What a code means: `of('err', fault.code)`. The code itself when it is new, never nothing. */
export function of(
  family: 'err' | 'do' | 'finding' | 'stage' | 'state',
  code: string,
  params?: Params,
): string {
  return maybe(`${family}-${code}`, params) ?? code;
}
