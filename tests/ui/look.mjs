// Takes a picture of a scenario: node tests/ui/look.mjs SCENARIO OUT.png [--en] [--dark] [--size=1100x720] [--full] [--script=JS]
// or, without arguments, lists the scenarios. Needs a built window: npm run ui:build.
import { chromium } from 'playwright-core';
import { preview, runnerImport } from 'vite';

const load = async (path) => (await runnerImport(new URL(path, import.meta.url).pathname)).module;
const [name, out, ...flags] = process.argv.slice(2);
const { SCENARIOS } = await load('./fake/scenarios/index.ts');
if (!out) {
  for (const one of SCENARIOS) console.log(one.name.padEnd(24), one.screen.padEnd(10), one.about);
  process.exit(name ? 2 : 0);
}
const { open } = await load('./fake/open.ts');
const { CHROMIUM, FLAGS } = await load('./chromium.ts');
const flag = (word) => flags.find((one) => one.startsWith(`--${word}=`))?.slice(word.length + 3);
const [width, height] = (flag('size') ?? '1100x720').split('x').map(Number);

// A port of its own, so that several can look at once.
const server = await preview({
  preview: { host: '127.0.0.1', port: 4200 + (process.pid % 700), strictPort: false },
  logLevel: 'error',
  ...(process.env.COUNTERSIGN_UI_DIST ? { build: { outDir: process.env.COUNTERSIGN_UI_DIST } } : {}),
});
const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
try {
  const page = await browser.newPage({ viewport: { width, height } });
  const base = server.resolvedUrls.local[0];
  const complaints = await open(page, name, {
    base,
    language: flags.includes('--en') ? 'en' : 'zh-CN',
    theme: flags.includes('--dark') ? 'dark' : 'light',
  });
  const script = flag('script');
  if (script) await page.evaluate(script);
  await page.waitForTimeout(900);
  await page.screenshot({ path: out, fullPage: flags.includes('--full') });
  for (const line of complaints) console.log(line);
  console.log(out);
} finally {
  await browser.close();
  await server.close();
}
