// Language and colours of the window, as the settings say. Not its business: keeping them (settings_change).
import { language } from '../i18n/index.svelte';
import { asFault, ipc, type SettingsView, type Theme } from '../ipc';
import { announce } from './alerts.svelte';

const dark = matchMedia('(prefers-color-scheme: dark)');
let theme: Theme = 'system';

function paint(): void {
  const shown = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
  document.documentElement.dataset['theme'] = shown;
}

export function takeLook(settings: Pick<SettingsView, 'language' | 'theme'>): void {
  theme = settings.theme;
  paint();
  language.set(settings.language);
}

/** Paints at once, then as the settings say; follows the system until the returned function is called. */
export function followLook(): () => void {
  language.set(language.current);
  paint();
  ipc.settingsView().then(takeLook, (thrown: unknown) => {
    announce.fault(asFault(thrown));
  });
  dark.addEventListener('change', paint);
  return () => {
    dark.removeEventListener('change', paint);
  };
}
