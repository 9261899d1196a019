// Both languages say the same things, every code has a text, every text is used, and every key exists.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fill } from './format';
import { language, maybe, t } from './index.svelte';
import { texts } from './texts';

const root = join(import.meta.dirname, '../../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const captures = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map((found) => found[1] ?? '');

function walk(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? walk(path) : [path];
  });
}
const files = walk('ui/src');
const sources = files
  .filter((path) => /\.(svelte|ts)$/.test(path) && !/\.test\.ts$|bindings\.ts$/.test(path))
  .map((path) => read(path))
  .join('\n');

const kebab = (name: string) => name.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase();

/** Variants of a Rust enum, as serde writes them. */
function variants(path: string, name: string): string[] {
  const body = new RegExp(`pub enum ${name} \\{([\\s\\S]*?)\\n\\}`).exec(read(path))?.[1] ?? '';
  return captures(body, /^ {4}([A-Z]\w*)(?: \{|\(|,)/gm).map(kebab);
}

describe('pairs of locale files', () => {
  const pairs = files.filter((path) => path.endsWith('zh-CN.json'));
  it.each(pairs)('%s and its English have the same keys and parameters', (path) => {
    const zh = JSON.parse(read(path)) as Record<string, string>;
    const en = JSON.parse(read(path.replace('zh-CN', 'en'))) as Record<string, string>;
    expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
    for (const key of Object.keys(zh)) {
      const names = (text = '') => new Set(captures(text, /\{([a-z_0-9]+)/gi));
      expect([key, names(zh[key])]).toEqual([key, names(en[key])]);
      expect([key, zh[key] !== '' && en[key] !== '']).toEqual([key, true]);
    }
  });

  it('is every one of them, and no key stands in two', () => {
    const all = pairs.flatMap((path) => Object.keys(JSON.parse(read(path)) as object));
    expect(all.filter((key, at) => all.indexOf(key) !== at)).toEqual([]);
    expect(Object.keys(texts['zh-CN']).sort()).toEqual([...all].sort());
  });
});

describe('codes of the engine', () => {
  const missing = (family: string, codes: string[]) => {
    expect(codes.length).toBeGreaterThan(0);
    return codes.filter((code) => texts.en[`${family}-${code}`] === undefined);
  };
  const catalogue = captures(read('crates/engine/src/fault.rs'), /\("([a-z-]+)", exit::/g);
  const own = captures(read('crates/desk/src/fault.rs'), /\("([a-z-]+)", "[a-z-]+"\)/g);

  it('have a text each, the one that the command line has', () => {
    expect(missing('err', catalogue)).toEqual([]);
    expect(missing('err', own)).toEqual([]);
    for (const lang of ['zh-CN', 'en'] as const) {
      const cli = JSON.parse(read(`crates/cli/locales/${lang}.json`)) as Record<string, string>;
      const shared = Object.keys(cli).filter((key) => /^(err|do)-/.test(key));
      expect(shared.map((key) => [key, texts[lang][key]])).toEqual(shared.map((key) => [key, cli[key]]));
    }
  });

  it('of findings have a text each', () => {
    const review = captures(read('crates/pdf/src/findings/mod.rs'), /= "([a-z-]+)",/g);
    const path = captures(read('crates/trust/src/path/finding.rs'), /\} ?=> "([a-z0-9-]+)"/g);
    const problems = captures(read('crates/signing/src/verify/codes.rs'), /(?:=>|^) +"([a-z-]+)"/gm);
    const verify = captures(
      read('crates/signing/src/verify/signature.rs'),
      /"(?:error|warn|note)",\s*"([a-z-]+)"/g,
    );
    const coverage = variants('crates/pdf/src/signatures/coverage.rs', 'CoverageProblem');
    const signature = variants('crates/pdf/src/signatures.rs', 'SignatureProblem');
    for (const codes of [review, path, problems, verify, coverage, signature]) {
      expect(missing('finding', codes)).toEqual([]);
    }
  });

  it('of states and stages have a text each', () => {
    expect(missing('state', variants('crates/desk/src/view/contract.rs', 'ContractState'))).toEqual([]);
    expect(missing('stage', variants('crates/desk/src/view/receipt.rs', 'StageName'))).toEqual([]);
  });
});

describe('keys in the sources', () => {
  const keys = Object.keys(texts['zh-CN']);
  const families = /^(err|do|finding|stage|state)-/;

  it('exist', () => {
    const used = captures(sources, /\bt\(\s*'([^'$]+)'/g);
    expect(used.filter((key) => !keys.includes(key))).toEqual([]);
  });

  it('are all used', () => {
    // Keys put together at run time are written with a template: `sign.level-${level}`.
    const built = captures(sources, /`([a-z]+\.[a-z.-]*)\$\{/g);
    const idle = keys.filter(
      (key) =>
        !families.test(key) && !sources.includes(`'${key}'`) && !built.some((start) => key.startsWith(start)),
    );
    expect(idle).toEqual([]);
  });
});

describe('t', () => {
  it('follows the language at once and sets it on the page', () => {
    language.set('zh-CN');
    expect(t('nav.desk')).toBe('待办');
    language.set('en');
    expect([t('nav.desk'), document.documentElement.lang]).toEqual(['Desk', 'en']);
    expect(maybe('err-no-such-code')).toBeUndefined();
  });

  it.each([
    ['{n} {n|page|pages}', { n: 1 }, 'en', '1 page'],
    ['{n} {n|page|pages}', { n: 2000 }, 'en', '2,000 pages'],
    ['{n} 页', { n: 3 }, 'zh-CN', '3 页'],
    ['{a}{b}', { a: '{b}', b: 'x' }, 'en', '{b}x'],
    ['{missing}', {}, 'en', '{missing}'],
  ])('fills %s', (text, params, lang, wanted) => {
    expect(fill(text, params, lang)).toBe(wanted);
  });
});
