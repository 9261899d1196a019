import { cleanup, render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { language } from '../../lib/i18n/index.svelte';
import type { SettingsChange, SettingsView } from '../../lib/ipc';
import { announce } from '../../lib/stores/alerts.svelte';
import { faultOf, settingsOf } from '../../lib/testing/parts';
import { fakeShell, refuse, type Shell } from '../../lib/testing/shell';
import Settings from './Settings.svelte';

async function shown(
  view: Partial<SettingsView>,
  answers: Parameters<typeof fakeShell>[0] = {},
): Promise<Shell> {
  const shell = fakeShell({
    settings_view: () => settingsOf(view),
    settings_change: () => settingsOf(view),
    ...answers,
  });
  render(Settings);
  await screen.findByRole('heading', { name: 'General' });
  return shell;
}
const changes = (shell: Shell) =>
  shell.called('settings_change').map((args) => args['change'] as SettingsChange);
const tsa = (index: number) => ({
  index,
  url: `https://tsa${String(index)}.example`,
  auth: 'none',
  practice: false,
});

beforeEach(() => {
  language.set('en');
});
afterEach(() => {
  cleanup();
  for (const alert of announce.all) announce.close(alert.id);
});

describe('settings', () => {
  it('change language and colours at once', async () => {
    const shell = await shown(
      {},
      { settings_change: () => settingsOf({ language: 'zh-CN', theme: 'dark' }) },
    );
    await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Language' }), 'zh-CN');
    expect(changes(shell)).toEqual([{ change: 'language', language: 'zh-CN' }]);
    expect(await screen.findByRole('heading', { name: '设置' })).toBeVisible();
    expect([document.documentElement.lang, document.documentElement.dataset['theme']]).toEqual([
      'zh-CN',
      'dark',
    ]);
  });

  it('that are locked say so and cannot be changed', async () => {
    await shown({
      locked: ['signing.level', 'tsa', 'endpoint.main'],
      tsas: [tsa(0)],
      endpoints: [
        {
          name: 'main',
          kind: 'evm',
          url: 'https://n',
          payload: 'full',
          finality: 'finalized',
          pins: {},
          account: '',
          practice: false,
        },
      ],
    });
    expect(screen.getByText(/locked 3 settings/)).toBeVisible();
    expect(screen.getByRole('combobox', { name: 'Signature level' })).toBeDisabled();
    expect(screen.getByRole('button', { name: 'Remove: https://tsa0.example' })).toBeDisabled();
    expect(screen.queryByLabelText('Address of an authority')).toBeNull();
    expect(screen.getByRole('button', { name: 'Remove: main' })).toBeDisabled();
    expect(screen.getByRole('button', { name: 'Journal …' })).toBeEnabled();
    expect(screen.getByRole('checkbox', { name: 'Required' })).toBeEnabled();
  });

  it('use, drop and probe modules', async () => {
    const module = { description: '', tokens: 0, fault: null };
    const shell = await shown(
      {
        modules: [
          {
            ...module,
            id: 'a',
            name: 'Castle',
            file: 'a.so',
            configured: true,
            fault: faultOf('module-load', 'change-settings'),
          },
          { ...module, id: 'b', name: 'OpenSC', file: 'b.so', configured: false },
        ],
      },
      { settings_probe_modules: () => settingsOf() },
    );
    expect(screen.getByRole('alert')).toHaveTextContent("The token's module cannot be loaded");
    await userEvent.click(screen.getByRole('button', { name: 'Use: OpenSC' }));
    await userEvent.click(screen.getByRole('button', { name: 'Stop using: Castle' }));
    expect(changes(shell)).toEqual([
      { change: 'use-module', id: 'b' },
      { change: 'drop-module', id: 'a' },
    ]);
    await userEvent.click(screen.getByRole('button', { name: 'Look again' }));
    expect(await screen.findByText('No module was found')).toBeVisible();
  });

  it('add, prefer, test and remove authorities', async () => {
    const shell = await shown(
      { tsas: [tsa(0), tsa(1)] },
      { settings_probe_tsa: () => ({ ok: true, facts: { clock_skew_s: '1' }, fault: null, took_ms: 80 }) },
    );
    const address = screen.getByLabelText('Address of an authority');
    await userEvent.type(address, 'tsa2.example{Enter}');
    expect(screen.getByText(/begins with https/)).toBeVisible();
    await userEvent.clear(address);
    await userEvent.type(address, 'https://tsa1.example{Enter}');
    expect(screen.getByText('It is in the list already')).toBeVisible();
    await userEvent.clear(address);
    await userEvent.type(address, 'https://tsa2.example{Enter}');
    await userEvent.click(screen.getByRole('button', { name: 'Put first: https://tsa1.example' }));
    await userEvent.click(screen.getByRole('button', { name: 'Remove: https://tsa0.example' }));
    expect(changes(shell)).toEqual([
      { change: 'add-tsa', url: 'https://tsa2.example' },
      { change: 'prefer-tsa', index: 1 },
      { change: 'remove-tsa', index: 0 },
    ]);
    await userEvent.click(screen.getByRole('button', { name: 'Test: https://tsa1.example' }));
    expect(await screen.findByText(/in 80 ms/)).toBeVisible();
    expect(shell.called('settings_probe_tsa')).toEqual([{ index: 1 }]);
  });

  it('keep an EVM endpoint only after its node was seen', async () => {
    const shell = await shown(
      {},
      {
        settings_describe_evm: () => ({
          ok: true,
          facts: { chain_id: '31337', genesis: `0x${'12'.repeat(32)}`, code_hash: `0x${'34'.repeat(32)}` },
          fault: null,
          took_ms: 5,
        }),
      },
    );
    await userEvent.click(screen.getByRole('button', { name: 'EVM chain …' }));
    const dialog = within(await screen.findByRole('dialog'));
    await userEvent.click(dialog.getByRole('button', { name: 'Ask the node' }));
    expect(dialog.getByText(/0x and 40 hexadecimal/)).toBeVisible();
    await userEvent.type(dialog.getByLabelText('Name'), 'main');
    await userEvent.type(dialog.getByLabelText('Address of the node'), 'http://127.0.0.1:8545');
    await userEvent.type(dialog.getByLabelText('Address of the registry contract'), `0x${'ab'.repeat(20)}`);
    await userEvent.click(dialog.getByRole('button', { name: 'Ask the node' }));
    // All that will be pinned is read before it is kept.
    expect(await dialog.findByText('31337')).toBeVisible();
    for (const [label, pinned] of [
      ['genesis block', '12'],
      ['code of the contract', '34'],
    ] as const) {
      expect(dialog.getByText(label)).toBeVisible();
      expect(dialog.getByText(`0x${pinned.repeat(32)}`)).toBeVisible();
    }
    expect(changes(shell)).toEqual([]);
    await userEvent.click(dialog.getByRole('button', { name: 'Pin these and add' }));
    expect(changes(shell)).toEqual([
      {
        change: 'add-evm',
        name: 'main',
        url: 'http://127.0.0.1:8545',
        contract: `0x${'ab'.repeat(20)}`,
        account: '',
        finality: 'confirmations:12',
        payload: 'digests',
      },
    ]);
  });

  it('keep what was typed when the person does not agree outside the window', async () => {
    await shown({}, { settings_change: refuse(faultOf('not-agreed', 'none')) });
    const address = screen.getByLabelText('Address of an authority');
    await userEvent.type(address, 'https://tsa2.example{Enter}');
    expect(announce.all.map((alert) => alert.fault?.code)).toEqual(['not-agreed']);
    expect(address).toHaveValue('https://tsa2.example');
  });

  it('say what was refused', async () => {
    await shown({}, { settings_change: refuse(faultOf('setting-locked', 'contact-support')) });
    await userEvent.click(screen.getByRole('checkbox', { name: 'Required' }));
    expect(announce.all.map((alert) => alert.fault?.code)).toEqual(['setting-locked']);
    expect(screen.getByRole('checkbox', { name: 'Required' })).toBeChecked();
  });
});
