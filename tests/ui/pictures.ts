// Which pictures docs/screens/ holds: every screen in both languages and both themes, some states once.
export interface Picture {
  name: string;
  language: 'zh-CN' | 'en';
  theme: 'light' | 'dark';
}

export const EACH = ['desk', 'review', 'sign', 'receipt', 'verify', 'settings', 'about'] as const;
const ONCE = ['first-start', 'practice', 'sign-pin-states', 'receipt-held', 'verify-broken'] as const;

export const LANGUAGES = ['zh-CN', 'en'] as const;
export const THEMES = ['light', 'dark'] as const;

export const PICTURES: readonly Picture[] = [
  ...EACH.flatMap((name) =>
    LANGUAGES.flatMap((language) => THEMES.map((theme) => ({ name, language, theme }))),
  ),
  ...ONCE.map((name, at) => ({ name, language: LANGUAGES[at % 2] ?? 'en', theme: 'light' as const })),
];

export const pictureName = ({ name, language, theme }: Picture): string => `${name}.${language}.${theme}.png`;
