// The content policy of the window, as the shell sets it, for looking at the built window in a browser.
import { readFileSync } from 'node:fs';

interface Conf {
  app: { security: { csp: Record<string, string> } };
}

export function contentPolicy(): string {
  const file = new URL('../../src-tauri/tauri.conf.json', import.meta.url);
  const { csp } = (JSON.parse(readFileSync(file, 'utf8')) as Conf).app.security;
  return Object.entries(csp)
    .map(([name, sources]) => `${name} ${sources}`)
    .join('; ');
}
