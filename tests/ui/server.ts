// Serves the built window while the tests run, on a port of its own and under the shell's content policy.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { preview } from 'vite';
import { gather } from './axe';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    base: string;
  }
}

const ROOT = join(import.meta.dirname, '../..');

/** What the shell allows the page, word for word: a page that needs more complains here already. */
function policy(): string {
  const conf = JSON.parse(readFileSync(join(ROOT, 'src-tauri/tauri.conf.json'), 'utf8')) as {
    app: { security: { csp: Record<string, string> } };
  };
  return Object.entries(conf.app.security.csp)
    .map(([what, from]) => `${what} ${from}`)
    .join('; ');
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dist = process.env['COUNTERSIGN_UI_DIST'] ?? join(ROOT, 'ui/dist');
  if (!existsSync(join(dist, 'index.html')))
    throw new Error(`there is no built window in ${dist}: npm run ui:build`);
  const server = await preview({
    configFile: join(ROOT, 'vite.config.ts'),
    build: { outDir: dist },
    preview: {
      host: '127.0.0.1',
      port: 4300 + (process.pid % 500),
      strictPort: false,
      headers: { 'Content-Security-Policy': policy() },
    },
    logLevel: 'error',
  });
  const [base] = server.resolvedUrls?.local ?? [];
  if (base === undefined) throw new Error('the preview has no address');
  project.provide('base', base);
  return async () => {
    await server.close();
    console.log(`\n${gather()}`);
  };
}
