// Pictures of the screens for docs/screens/, small: node tests/ui/screens.mjs [--out=DIR] [--only=NAME,NAME] [--zh-light] [--full].
// Needs a built window (npm run ui:build) and ImageMagick. Not part of the tests; a test looks whether the pictures are there.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { preview, runnerImport } from 'vite';

const load = async (path) => (await runnerImport(new URL(path, import.meta.url).pathname)).module;
const { open } = await load('./fake/open.ts');
const { CHROMIUM, FLAGS } = await load('./chromium.ts');
const { PICTURES, pictureName } = await load('./pictures.ts');

const flag = (word) => process.argv.find((one) => one.startsWith(`--${word}=`))?.slice(word.length + 3);
const has = (word) => process.argv.includes(`--${word}`);
const out = flag('out') ?? new URL('../../docs/screens', import.meta.url).pathname;
const only = flag('only')?.split(',');
const wanted = only
  ? only.flatMap((name) =>
      has('zh-light')
        ? [{ name, language: 'zh-CN', theme: 'light' }]
        : PICTURES.filter((one) => one.name === name),
    )
  : PICTURES;
mkdirSync(out, { recursive: true });

const dist = process.env.COUNTERSIGN_UI_DIST;
const server = await preview({
  preview: { host: '127.0.0.1', port: 4900 + (process.pid % 90), strictPort: false },
  logLevel: 'error',
  ...(dist ? { build: { outDir: dist } } : {}),
});
const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
try {
  for (const picture of wanted) {
    const context = await browser.newContext({
      viewport: { width: 1100, height: 720 },
      reducedMotion: 'reduce',
      timezoneId: 'Asia/Shanghai',
    });
    const page = await context.newPage();
    const complaints = await open(page, picture.name, { ...picture, base: server.resolvedUrls.local[0] });
    await page.waitForTimeout(picture.name.startsWith('review') ? 2500 : 700);
    const target = join(out, pictureName(picture));
    const raw = `${target}.raw.png`;
    await page.screenshot({ path: raw, fullPage: has('full') });
    // Few colours and no dithering: text stays sharp and the file small.
    execFileSync('convert', [
      raw,
      '+dither',
      '-colors',
      '128',
      '-strip',
      '-define',
      'png:compression-level=9',
      `PNG8:${target}`,
    ]);
    rmSync(raw);
    console.log(target, complaints.join('\n  '));
    await context.close();
  }
} finally {
  await browser.close();
  await server.close();
}
