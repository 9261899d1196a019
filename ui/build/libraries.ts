// Of what the window is built: the packages whose code is in it, with their licences, as `crates/desk/libraries/window.tsv`.
// The program shows the list; a build whose list differs from the committed one fails and says how to write it anew.
import { readFileSync, writeFileSync } from 'node:fs';
import type { Plugin } from 'vite';

const FILE = new URL('../../crates/desk/libraries/window.tsv', import.meta.url);
const WRITE = 'COUNTERSIGN_WRITE_LIBRARIES';

/** What pdf.js brings along beside its code; its folders hold a text of each. Versions are those of pdf.js. */
const BROUGHT: [name: string, licence: string][] = [
  ['Adobe CMaps (pdf.js)', 'BSD-3-Clause'],
  ['Foxit fonts (pdf.js)', 'BSD-3-Clause'],
  ['ICC profiles (pdf.js)', 'CC0-1.0'],
  ['Liberation fonts (pdf.js)', 'OFL-1.1'],
  ['OpenJPEG (pdf.js)', 'BSD-2-Clause'],
  ['PDFium JBIG2 (pdf.js)', 'BSD-3-Clause'],
  ['qcms (pdf.js)', 'MIT'],
];

/** `…/node_modules/@a/b/c.js` → folder of the package that the file is of. */
function packageOf(id: string): string | undefined {
  return /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1];
}

/** For a package whose manifest names no licence: what its own text says. */
function written(folder: string): string {
  return /^\s*(?:The )?(MIT|ISC) License/i.exec(readFileSync(`${folder}/LICENSE`, 'utf8'))?.[1] ?? '';
}

interface Manifest {
  name: string;
  version: string;
  license?: string;
}

export function libraries(): Plugin {
  const folders = new Set<string>();
  return {
    name: 'libraries',
    apply: 'build',
    generateBundle(_, bundle) {
      // The worker is a bundle of its own; it is of pdf.js, which the page is of as well.
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue;
        for (const id of chunk.moduleIds) {
          const folder = packageOf(id);
          if (folder !== undefined) folders.add(folder);
        }
      }
    },
    closeBundle() {
      const found = [...folders].map((folder) => {
        const manifest = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as Manifest;
        return [manifest.name, manifest.version, manifest.license ?? written(folder)];
      });
      const pdfjs = found.find(([name]) => name === 'pdfjs-dist');
      if (pdfjs) found.push(...BROUGHT.map(([name, licence]) => [name, pdfjs[1] ?? '', licence]));
      const made = [...new Set(found.map((row) => `${row.join('\t')}\n`))].sort().join('');
      if (process.env[WRITE] !== undefined) writeFileSync(FILE, made);
      if (readFileSync(FILE, 'utf8') !== made)
        throw new Error(`crates/desk/libraries/window.tsv is stale: ${WRITE}=1 npm run ui:build\n${made}`);
    },
  };
}
