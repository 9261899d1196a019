import { cleanup, render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import App from './App.svelte';
import { router } from './lib/router.svelte';
import { announce } from './lib/stores/alerts.svelte';
import { cardOf, deskOf, faultOf } from './lib/testing/parts';
import { fakeShell, refuse, type Shell } from './lib/testing/shell';
import { tour } from './lib/tour/tour.svelte';

const about = { version: '9.9', libraries: [], program_sha256: 'ab'.repeat(32), system: 'a system' };

async function started(answers: Parameters<typeof fakeShell>[0] = {}): Promise<Shell> {
  const shell = fakeShell({ about_view: () => about, ...answers });
  render(App);
  await waitFor(() => {
    expect(shell.called('ui_ready')).toHaveLength(1);
  });
  return shell;
}

beforeEach(() => {
  router.go({ screen: 'desk' });
});
afterEach(() => {
  cleanup();
  tour.stop();
  for (const alert of announce.all) announce.close(alert.id);
});

describe('the frame', () => {
  it('is ready once events are heard and the desk is there', async () => {
    const shell = await started();
    const commands = shell.calls.map((call) => call.command);
    expect(commands.indexOf('desk_view')).toBeLessThan(commands.indexOf('ui_ready'));
    expect(document.documentElement.lang).toBe('en');
    expect(shell.called('screen_shown')).toEqual([{ screen: 'desk' }]);
  });

  it('goes by rail and by keys, tells the shell, and moves focus to the screen', async () => {
    const shell = await started();
    await userEvent.click(
      within(screen.getByRole('navigation', { name: 'Main' })).getByRole('link', { name: 'About' }),
    );
    expect(await screen.findByText('9.9')).toBeVisible();
    expect(screen.getByRole('link', { name: 'About' })).toHaveAttribute('aria-current', 'page');
    expect(screen.getByRole('main')).toHaveFocus();
    await userEvent.keyboard('{Alt>}3{/Alt}');
    expect(await screen.findByRole('heading', { name: 'Settings' })).toBeVisible();
    expect(shell.called('screen_shown')).toEqual([
      { screen: 'desk' },
      { screen: 'about' },
      { screen: 'settings' },
    ]);
  });

  it('counts what is in hand', async () => {
    await started({
      desk_view: () =>
        deskOf(cardOf('a', 'to-review'), cardOf('b', 'done'), cardOf('c', 'waiting-for-chain')),
    });
    expect(screen.getByRole('link', { name: /Desk/ })).toHaveTextContent('2');
  });

  it('opens what the shell says, where it stands', async () => {
    const shell = await started({
      desk_view: () => deskOf(cardOf('c1', 'ready-to-submit')),
      receipt_view: refuse(faultOf('busy')),
    });
    await shell.send({ event: 'open', contract: 'c1' });
    await waitFor(() => {
      expect(router.route).toEqual({ screen: 'receipt', contract: 'c1' });
    });
  });

  it('shows faults that nobody waits for until they are closed, once each', async () => {
    const shell = await started();
    await shell.send({ event: 'fault', contract: null, fault: faultOf('endpoint-unreachable') });
    await shell.send({ event: 'fault', contract: null, fault: faultOf('endpoint-unreachable') });
    expect(await screen.findAllByText('The endpoint cannot be reached')).toHaveLength(1);
    await userEvent.click(screen.getByRole('button', { name: 'Close' }));
    expect(screen.queryByText('The endpoint cannot be reached')).toBeNull();
  });

  it('says what letting go of a file would do', async () => {
    const shell = await started();
    await shell.send({ event: 'dragging', over: true, files: 2 });
    expect(await screen.findByText('Let go to put 2 contracts on the desk')).toBeVisible();
    await shell.send({ event: 'dragging', over: true, files: 0 });
    expect(await screen.findByText('Only PDF files can be taken')).toBeVisible();
    await shell.send({ event: 'dragging', over: false, files: 0 });
  });
});

describe('practice', () => {
  const practice = { ...deskOf(cardOf('sample', 'to-review')), practice: true };

  it('is unmistakable on every screen, in both languages', async () => {
    await started({ desk_view: () => practice });
    for (const screenName of ['desk', 'about', 'settings', 'verify'] as const) {
      router.go({ screen: screenName });
      const banner = await screen.findByRole('complementary', { name: '演练 PRACTICE' });
      expect(banner).toHaveTextContent(/演练\s*PRACTICE\s*·\s*no evidential value\s*无证据效力/);
    }
  });

  it('is left by its button', async () => {
    await started({ desk_view: () => practice, practice_leave: () => deskOf() });
    await userEvent.click(screen.getByRole('button', { name: 'Leave practice' }));
    await waitFor(() => {
      expect(screen.queryByRole('complementary')).toBeNull();
    });
  });

  it('has a tour that can be closed and taken up again', async () => {
    await started({ desk_view: () => practice, review_open: refuse(faultOf('busy')) });
    await userEvent.click(screen.getByRole('button', { name: 'Practice tour' }));
    const strip = within(await screen.findByRole('complementary', { name: 'Practice tour' }));
    expect(strip.getAllByRole('listitem').map((item) => item.textContent.trim())).toEqual([
      '1 Review',
      '2 Sign',
      '3 Receipt',
      '4 Submit',
      '5 Verify',
    ]);
    await userEvent.click(strip.getByRole('button', { name: 'Show me' }));
    expect(router.route).toEqual({ screen: 'review', contract: 'sample' });
    await userEvent.click(strip.getByRole('button', { name: 'Close the tour' }));
    expect(screen.queryByRole('complementary', { name: 'Practice tour' })).toBeNull();
  });
});
