// Sends the worker's warnings to the page. pdf.js ignores messages that name no handler of its own.
import { WARNING_MESSAGE } from './warnings';

const say = console.warn.bind(console);
console.warn = (...said: unknown[]): void => {
  say(...said);
  self.postMessage({ targetName: WARNING_MESSAGE, text: said.map(String).join(' ').slice(0, 500) });
};
