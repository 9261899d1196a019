// Puts what pdf.js reads at run time beside the page: character maps, standard fonts, image decoders, colour profiles.
// The scripting sandbox (quickjs) is left out, so that scripts in a PDF cannot be switched on at all.
import { createReadStream, existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join, normalize, sep } from 'node:path';
import type { Plugin } from 'vite';

const FOLDERS = ['cmaps', 'standard_fonts', 'wasm', 'iccs'];
const LEFT_OUT = /quickjs/;
const home = dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'));
const TYPES: Record<string, string> = { '.wasm': 'application/wasm', '.js': 'text/javascript' };

export function pdfjsAssets(): Plugin {
  return {
    name: 'pdfjs-assets',
    generateBundle() {
      for (const folder of FOLDERS) {
        for (const file of readdirSync(join(home, folder))) {
          const path = join(home, folder, file);
          if (LEFT_OUT.test(file) || !statSync(path).isFile()) continue;
          this.emitFile({ type: 'asset', fileName: `pdfjs/${folder}/${file}`, source: readFileSync(path) });
        }
      }
    },
    configureServer(server) {
      server.middlewares.use('/pdfjs/', (request, response, next) => {
        const path = normalize(join(home, (request.url ?? '').split('?')[0] ?? ''));
        const inside = FOLDERS.some((folder) => path.startsWith(join(home, folder) + sep));
        if (!inside || LEFT_OUT.test(path) || !existsSync(path)) return next();
        response.setHeader('Content-Type', TYPES[extname(path)] ?? 'application/octet-stream');
        createReadStream(path).pipe(response);
      });
    },
  };
}
