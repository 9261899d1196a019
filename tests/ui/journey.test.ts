// With the keyboard alone, from the desk to the receipt: what is not reached by Tab and pressed by Enter or Space is not reached.
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { calls, sees, show, withBrowser } from './browser';

withBrowser();

interface Focused {
  tag: string;
  name: string;
  checked: boolean;
}

const focused = (page: Page): Promise<Focused> =>
  page.evaluate(() => {
    const element = document.activeElement as HTMLInputElement | null;
    const label = element?.labels?.[0]?.textContent ?? '';
    const name = element?.getAttribute('aria-label') ?? (label || (element?.textContent ?? ''));
    return {
      tag: element?.tagName ?? '',
      name: name.replace(/\s+/g, ' ').trim(),
      checked: element?.checked ?? false,
    };
  });

/** Presses Tab until something with this name has the focus; what has it is always visible as such. */
async function tabTo(page: Page, name: RegExp, most = 80): Promise<Focused> {
  const passed: string[] = [];
  for (let pressed = 0; pressed < most; pressed += 1) {
    await page.keyboard.press('Tab');
    const now = await focused(page);
    passed.push(now.name.slice(0, 40));
    if (name.test(now.name) && now.tag !== 'MAIN' && now.tag !== 'BODY') {
      expect(await outlined(page)).toBe(true);
      return now;
    }
  }
  throw new Error(`${String(name)} was not reached; passed: ${passed.join(' | ')}`);
}

const outlined = (page: Page): Promise<boolean> =>
  page.evaluate(() => {
    const style = getComputedStyle(document.activeElement ?? document.body);
    return (style.outlineStyle !== 'none' && style.outlineWidth !== '0px') || style.boxShadow !== 'none';
  });

describe('keyboard only', () => {
  it('leads from the desk through review and sign to the receipt, and submits', async () => {
    const { page, complaints } = await show('journey', { language: 'en' });
    await sees(page, '基金托管协议（样本）.pdf');
    await tabTo(page, /^Review/);
    await page.keyboard.press('Enter');
    await page.waitForURL(/#\/review\/c1/);
    await tabTo(page, /^Continue to sign/, 160);
    await page.keyboard.press('Enter');
    await page.waitForURL(/#\/sign\/c1/);

    await sees(page, 'Who signs');
    await tabTo(page, /王芳/);
    await page.keyboard.press('ArrowDown');
    expect((await focused(page)).name).toMatch(/Chen Wei/);
    await tabTo(page, /Nowhere/);
    await page.keyboard.press('ArrowDown');
    expect(await focused(page)).toMatchObject({
      name: 'In a signature field of the contract',
      checked: true,
    });
    await tabTo(page, /^Reason/);
    await page.keyboard.type('by keyboard');
    await tabTo(page, /^Sign$/);
    await page.keyboard.press('Enter');
    const [call] = await calls(page, 'sign_start');
    expect(call?.args['choices']).toMatchObject({
      credential: 'k2',
      field: 'PartyA.Signature',
      reason: 'by keyboard',
    });

    await page.waitForURL(/#\/receipt\/c1/);
    await sees(page, 'Exactly what will be submitted');
    await tabTo(page, /^Submit$/);
    await page.keyboard.press('Space');
    await sees(page, 'Everything that was asked for is done.');
    // Nor does leaving early make a page doubtful.
    expect(await calls(page, 'page_warning')).toEqual([]);
    // Leaving a document that is still being read ends its reader, which says so.
    expect(complaints.filter((text) => !text.includes('Worker task was terminated'))).toEqual([]);
  });
  it('skips the rail', async () => {
    const { page } = await show('desk', { language: 'en' });
    await sees(page, '基金托管协议（样本）.pdf');
    await page.keyboard.press('Tab');
    expect((await focused(page)).name).toBe('To the content');
    await page.keyboard.press('Enter');
    expect((await focused(page)).tag).toBe('MAIN');
  });
  it('goes between screens and back', async () => {
    const { page } = await show('desk', { language: 'en' });
    await sees(page, '基金托管协议（样本）.pdf');
    await page.keyboard.press('Alt+2');
    await page.waitForURL(/#\/verify/);
    await page.keyboard.press('Control+,');
    await page.waitForURL(/#\/settings/);
    await page.keyboard.press('Alt+ArrowLeft');
    await page.waitForURL(/#\/verify/);
  });
});
