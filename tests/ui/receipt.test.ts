// The receipt goes on by itself and by the person's word; verify keeps its facts apart.
import { describe, expect, it } from 'vitest';
import { calls, say, sees, show, withBrowser } from './browser';
import { stages } from './fake/parts';
import { receipt, report } from './fake/world';

withBrowser();

describe('receipt', () => {
  it('submits only on the word, then becomes final before the eyes', async () => {
    const { page } = await show('receipt-held', { language: 'en' });
    await sees(page, 'Exactly what will be submitted');
    await page.locator('details', { hasText: '256 bytes' }).locator('summary').click();
    expect(await calls(page, 'receipt_submit')).toEqual([]);
    await page.getByRole('button', { name: 'Submit', exact: true }).click();
    await sees(page, 'Everything that was asked for is done.');
    expect(await calls(page, 'receipt_submit')).toHaveLength(1);
  });
  it('names the field that the signature is in', async () => {
    const { page } = await show('receipt-held', { language: 'en' });
    const row = page.locator('.side dt', { hasText: 'Signature field' }).locator('+ dd');
    await expect.poll(() => row.innerText()).toBe('Signature1');
  });
  it('reads changes aloud', async () => {
    const { page } = await show('receipt-no-stamp', { language: 'en' });
    await sees(page, 'waits for the authority');
    await say(
      page,
      { event: 'stage', contract: 'c1', stage: 'stamped' },
      { receipts: { c1: receipt({ stages: stages('stamped', { state: 'running' }) }) } },
    );
    await expect
      .poll(() => page.locator('main [role=status]').first().innerText())
      .toContain('Time-stamped: done');
  });
  it('does not say that a payload went before the endpoint has it', async () => {
    const { page } = await show('receipt-mismatch', { language: 'en' });
    await sees(page, 'What will go to the endpoint');
    expect(await page.locator('main').innerText()).not.toContain('What went to the endpoint');
  });
  it('tries again, opens, shows the folder', async () => {
    const { page } = await show('receipt-chain-away', { language: 'en' });
    await sees(page, 'The endpoint cannot be reached');
    await page.getByRole('button', { name: 'Try now' }).first().click();
    await page.getByRole('button', { name: 'Open the file' }).click();
    await page.getByRole('button', { name: 'Show in folder' }).click();
    for (const command of ['receipt_retry', 'receipt_open', 'receipt_show_folder']) {
      await expect.poll(() => calls(page, command)).toHaveLength(1);
    }
  });
  it('leads to the report on the finished file', async () => {
    const { page } = await show('receipt', { language: 'en' });
    await page.getByRole('button', { name: 'Verify', exact: true }).click();
    await page.waitForURL(/#\/verify\/r1/);
    await sees(page, 'TOTAL-PASSED');
  });
  it('says what each stage proves and who vouches', async () => {
    const { page } = await show('receipt', { language: 'en' });
    await page.locator('li', { hasText: 'Time-stamped' }).locator('summary').click();
    await sees(page, "this computer's clock plays no part");
  });
});

describe('verify', () => {
  it('shows what was dropped on the window', async () => {
    const { page } = await show('verify-start', { language: 'en' });
    await sees(page, 'Drop a PDF here');
    await say(
      page,
      { event: 'verify', report: 'r7' },
      { reports: { r7: report({ id: 'r7', name: 'dropped.pdf' }) } },
    );
    await sees(page, 'dropped.pdf');
  });
  it('shows unknown as unknown', async () => {
    const { page } = await show('verify-unknown', { language: 'en' });
    await sees(page, 'Unknown: not understood');
    const facts = page.getByRole('list', { name: 'Four facts' }).getByRole('listitem');
    expect(await facts.count()).toBe(4);
    expect(await page.locator('main').innerText()).not.toMatch(/✓/);
  });
  it('has four facts for each signature, and its changes', async () => {
    const { page } = await show('verify-several', { language: 'en' });
    await sees(page, 'changes that are not permitted');
    expect(await page.getByRole('list', { name: 'Four facts' }).count()).toBe(3);
    await sees(page, 'TOTAL-FAILED');
  });
  it('takes another file, and says what is wrong with one', async () => {
    const { page } = await show('verify-fault', { language: 'en' });
    await sees(page, 'This is not a PDF file');
    await page.getByRole('button', { name: 'Verify another file' }).click();
    await expect.poll(() => calls(page, 'verify_pick')).toHaveLength(1);
  });
});
