// Before every test: matchers, and an address that is empty.
import '@testing-library/jest-dom/vitest';
import { beforeEach } from 'vitest';

beforeEach(() => {
  history.replaceState(null, '', '#/');
});
