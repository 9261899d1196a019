// Before every test: matchers, what jsdom lacks, and an address that is empty.
import '@testing-library/jest-dom/vitest';
import { configure } from '@testing-library/svelte';
import { beforeEach } from 'vitest';

// A busy machine is no failure: screens are loaded when they are first shown.
configure({ asyncUtilTimeout: 15_000 });

const media = (query: string) =>
  Object.assign(new EventTarget(), { media: query, matches: false, onchange: null });
window.matchMedia ??= media as unknown as typeof window.matchMedia;
Element.prototype.scrollIntoView ??= () => undefined;

beforeEach(() => {
  history.replaceState(null, '', '#/');
});
