// Lint rules of the window. What keeps it honest: no raw HTML, and one file only that talks to the shell.
import ts from 'typescript-eslint';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import svelteConfig from './ui/svelte.config.js';

const onlyIpc = {
  paths: [{ name: 'pdfjs-dist', message: 'Only ui/src/lib/pdf reads PDF files.' }],
  patterns: [
    { group: ['@tauri-apps/*'], message: 'Only ui/src/lib/ipc.ts talks to the shell.' },
    { group: ['**/bindings', '**/bindings.ts'], message: 'Take it from $lib/ipc.' },
  ],
};

export default ts.config(
  {
    ignores: [
      '**/dist/**',
      'node_modules/**',
      'target/**',
      'ui/src/lib/bindings.ts',
      '.venv/**',
      'contracts/**',
    ],
  },
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
  },
  {
    files: ['ui/src/**/*.{ts,svelte}'],
    rules: {
      'no-restricted-imports': ['error', onlyIpc],
      'no-console': 'error',
      'no-eval': 'error',
      eqeqeq: 'error',
      'svelte/no-at-html-tags': 'error',
      // The content policy allows no style attributes; `style:` directives set properties and are fine.
      'no-restricted-syntax': [
        'error',
        { selector: 'SvelteAttribute[key.name="style"]', message: 'Use a class or a style: directive.' },
      ],
      // Plain sets and maps are replaced, not changed, where something depends on them.
      'svelte/prefer-svelte-reactivity': 'off',
      'svelte/require-each-key': 'error',
      'svelte/button-has-type': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['ui/src/lib/ipc.ts', 'ui/src/lib/testing/**', 'ui/src/lib/pdf/**', 'ui/src/**/*.test.ts'],
    rules: { 'no-restricted-imports': 'off' },
  },
  // Warnings of pdf.js come by the console; they are caught there.
  { files: ['ui/src/lib/pdf/**'], rules: { 'no-console': 'off' } },
  {
    files: ['ui/build/**', 'tests/ui/**', '*.config.{js,ts}'],
    languageOptions: { globals: { ...globals.node } },
  },
);
