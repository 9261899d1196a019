// What the window weighs: gzip sizes of scripts and styles, pdf.js apart. Fails above the limit.
import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT = 400 * 1024;
const folder = new URL('../dist/assets/', import.meta.url);
const isPdfjs = (name, text) => /pdf(\.worker)?[.-]/i.test(name) || text.includes('pdfjs-dist');
let own = 0;
let pdf = 0;
for (const name of readdirSync(folder)) {
  if (!/\.(m?js|css)$/.test(name)) continue;
  const octets = readFileSync(new URL(name, folder));
  const size = gzipSync(octets).length;
  if (isPdfjs(name, octets.toString('latin1'))) pdf += size;
  else own += size;
}
const kb = (n) => `${(n / 1024).toFixed(1)} KB`;
console.log(`window without pdf.js: ${kb(own)} gzip (limit ${kb(LIMIT)}); pdf.js: ${kb(pdf)} gzip`);
process.exit(own > LIMIT ? 1 : 0);
