// The sign screen lives: tokens come and go, signing goes on and fails, and exactly what was chosen is sent.
import { describe, expect, it } from 'vitest';
import { calls, say, sees, settled, show, withBrowser } from './browser';
import { credential } from './fake/parts';
import { tokens } from './fake/world';

withBrowser();
const SIGN = 'aside .button.primary';

describe('tokens', () => {
  it('appear when they are inserted', async () => {
    const { page } = await show('sign-no-token', { language: 'en' });
    await sees(page, 'Insert the token');
    expect(await page.locator(SIGN).isDisabled()).toBe(true);
    await say(page, { event: 'tokens' }, { tokens: tokens({ credentials: [credential('k1', '王芳')] }) });
    await sees(page, '王芳');
    // The only one there is chosen.
    await page.locator(`${SIGN}:enabled`).waitFor();
  });
  it('disappear when they are pulled out, and what was chosen is chosen again when they are back', async () => {
    const { page } = await show('sign', { language: 'en' });
    await page.locator(`${SIGN}:enabled`).waitFor();
    await say(page, { event: 'tokens' }, { tokens: { credentials: [], tokens: [] } });
    await sees(page, 'Insert the token');
    await say(page, { event: 'tokens' }, { tokens: tokens() });
    await page.locator(`${SIGN}:enabled`).waitFor();
  });
  it('are looked for again on demand', async () => {
    const { page } = await show('sign-no-token', { language: 'en' });
    await page.getByRole('button', { name: 'Look again' }).click();
    await expect
      .poll(async () => (await calls(page, 'tokens_view')).map((call) => call.args['fresh']))
      .toContain(true);
  });
  it('that are locked or expired cannot be chosen, and say why', async () => {
    const { page } = await show('sign-expired', { language: 'en' });
    await sees(page, 'Cannot be used: The certificate has expired');
    expect(await page.locator('input[name=credential]:disabled').count()).toBe(4);
    const locked = await show('sign-pin-states', { language: 'en' });
    await sees(locked.page, 'Last try: one more wrong PIN locks the token');
    expect(await locked.page.locator('#credential-k3').isDisabled()).toBe(true);
  });
});

describe('what is sent', () => {
  it('is what was chosen, with the digest that was shown', async () => {
    const { page } = await show('sign', { language: 'en' });
    await page.getByRole('radio', { name: 'In a signature field of the contract' }).check();
    await page.getByRole('combobox', { name: 'Reason' }).fill('  on behalf of party A ');
    await page.getByLabel('Submit to').selectOption('journal');
    await page.getByRole('radio', { name: 'Submit as soon as it is signed' }).check();
    await page.locator(`${SIGN}:enabled`).click();
    const [call] = await calls(page, 'sign_start');
    expect(call?.args['choices']).toMatchObject({
      contract: 'c1',
      sha256: '8963c43429777ef76b35c48d6de9d010c30c2ce2eab0f7be7b9a31fa0d7b331a',
      credential: 'k1',
      level: 'B-T',
      field: 'PartyA.Signature',
      place: null,
      reason: 'on behalf of party A',
      endpoint: 'journal',
      submit_at_once: true,
      accepted: [],
    });
  });
  it('waits for a word unless told otherwise, and goes nowhere with "do not submit"', async () => {
    const { page } = await show('sign', { language: 'en' });
    await page.getByLabel('Submit to').selectOption({ label: 'Do not submit' });
    await sees(page, 'nothing is submitted');
    await page.locator(`${SIGN}:enabled`).click();
    const [call] = await calls(page, 'sign_start');
    expect(call?.args['choices']).toMatchObject({ endpoint: null, submit_at_once: false });
  });
  it('is foretold before anything leaves', async () => {
    const { page } = await show('sign', { language: 'en' });
    await sees(page, 'node.custody.example.org');
    await sees(page, 'tsa.example.org → tsa2.example.org');
    await page.getByLabel('Submit to').selectOption({ label: 'Do not submit' });
    await page.getByLabel('Level').selectOption('B-B');
    await sees(page, 'With these choices nothing leaves this computer.');
  });
});

describe('a field on the page', () => {
  it('is chosen with a click, and the keyboard goes on at the choice', async () => {
    const { page } = await show('sign-fields', { language: 'en' });
    await page.getByRole('radio', { name: 'In a box drawn on a page' }).check();
    await page.getByRole('button', { name: 'Signature field PartyB.Signature' }).click();
    expect(await page.getByRole('radio', { name: 'In a signature field of the contract' }).isChecked()).toBe(
      true,
    );
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('where-field');
    await page.locator(`${SIGN}:enabled`).click();
    const [call] = await calls(page, 'sign_start');
    expect(call?.args['choices']).toMatchObject({ field: 'PartyB.Signature', place: null });
  });
  it('is no place to draw on, but the page around it is', async () => {
    const { page } = await show('sign-fields', { language: 'en' });
    await page.getByRole('radio', { name: 'In a box drawn on a page' }).check();
    await page.getByRole('button', { name: 'Put a box on this page' }).click();
    await page.getByTestId('place-box').press('ArrowUp');
    await page.locator(`${SIGN}:enabled`).click();
    const [call] = await calls(page, 'sign_start');
    expect(call?.args['choices']).toMatchObject({ field: null, place: { page: 5 } });
  });
});

describe('signing', () => {
  it('ends on the receipt, with the payload held back', async () => {
    const { page } = await show('sign', { language: 'en' });
    await page.locator(`${SIGN}:enabled`).click();
    await sees(page, 'Exactly what will be submitted');
    expect(page.url()).toContain('#/receipt/c1');
    expect(await calls(page, 'receipt_submit')).toEqual([]);
  });
  it('can be stopped while the PIN is asked for in another window', async () => {
    const { page } = await show('sign-running', { language: 'en' });
    await sees(page, 'this page never asks for it');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => calls(page, 'work_cancel')).toHaveLength(1);
  });
  it.each([
    ['sign-wrong-pin', 'The PIN is wrong', 'Nothing was signed', 'Try again'],
    ['sign-removed', 'The token was removed', 'Nothing was signed', 'Look again'],
    ['sign-locked', 'The PIN is locked', 'Nothing was signed', ''],
    [
      'sign-changed',
      'The file changed after it was reviewed',
      'review the file as it is now',
      'Back to the review',
    ],
  ])('%s: what happened, what is kept, what to do', async (name, happened, kept, action) => {
    const { page } = await show(name, { language: 'en' });
    await sees(page, happened);
    await sees(page, kept);
    const fault = page.locator('main .fault').first();
    if (action !== '') await fault.getByRole('button', { name: action }).waitFor();
  });
  it('tells a fault once', async () => {
    const { page } = await show('sign-wrong-pin', { language: 'en' });
    await sees(page, 'The PIN is wrong');
    await expect.poll(() => page.getByText('The PIN is wrong').count()).toBe(1);
  });
  it('keeps what was typed while one looks at something else', async () => {
    const { page } = await show('sign', { language: 'en' });
    await page.getByRole('combobox', { name: 'Reason' }).fill('kept');
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.waitForURL(/settings/);
    await page.goBack();
    await settled(page);
    await expect.poll(() => page.getByRole('combobox', { name: 'Reason' }).inputValue()).toBe('kept');
  });
  it('keeps what was typed with the contract, and a last word when one goes at once', async () => {
    const { page } = await show('sign', { language: 'en' });
    const kept = async () => (await calls(page, 'sign_keep')).map(({ args }) => args['draft']);
    await page.getByRole('combobox', { name: 'Reason' }).fill('for party A');
    await expect
      .poll(kept)
      .toMatchObject([{ reason: 'for party A', credential: '', endpoint: 'custody-chain' }]);
    await page.locator('label[for=credential-k2]').click();
    await page.getByRole('textbox', { name: 'Place' }).fill('Shanghai');
    await page.getByRole('link', { name: 'Settings' }).click();
    await expect
      .poll(async () => (await kept()).at(-1))
      .toMatchObject({ location: 'Shanghai', credential: 'k2' });
  });
  it('starts from what was approved, and takes no other token for it', async () => {
    const { page } = await show('sign-approved', { language: 'en' });
    await sees(page, 'Choose a credential');
    expect(await page.locator(SIGN).isDisabled()).toBe(true);
    await say(
      page,
      { event: 'tokens' },
      { tokens: tokens({ credentials: [credential('k1', '王芳'), credential('k2', 'Chen Wei')] }) },
    );
    await page.locator(`${SIGN}:enabled`).click();
    const [call] = await calls(page, 'sign_start');
    expect(call?.args['choices']).toMatchObject({
      credential: 'k2',
      level: 'B-T',
      field: 'PartyA.Signature',
      reason: '代表甲方签署',
      location: '上海',
      tsa: 1,
      endpoint: 'journal',
      submit_at_once: true,
      accepted: ['javascript'],
    });
  });
});
