// How the window is built. Not its business: the shell around it (src-tauri), what the screens do (ui/src).
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { contentPolicy } from './ui/build/content-policy.ts';
import { libraries } from './ui/build/libraries.ts';
import { pdfjsAssets } from './ui/build/pdfjs-assets.ts';

export default defineConfig({
  root: 'ui',
  base: './',
  publicDir: false,
  cacheDir: '../node_modules/.vite',
  plugins: [svelte({ configFile: 'svelte.config.js' }), pdfjsAssets(), libraries()],
  resolve: process.env['VITEST'] ? { conditions: ['browser'] } : {},
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: ['safari16', 'chrome109'],
    // Nothing is inlined as data: or as an inline script; the content policy allows 'self' only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
  worker: { format: 'es' },
  server: { host: '127.0.0.1', port: 5173, strictPort: true },
  // Browser tests run under the content policy of the real window.
  preview: {
    host: '127.0.0.1',
    port: 4173,
    strictPort: true,
    headers: { 'Content-Security-Policy': contentPolicy() },
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.ts'],
    setupFiles: ['./src/lib/testing/setup.ts'],
    restoreMocks: true,
    reporters: ['default', `${import.meta.dirname}/tests/ui/counted.ts`],
    // A busy machine is no failure.
    testTimeout: 20_000,
  },
});
