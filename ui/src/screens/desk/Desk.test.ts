import { cleanup, render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { language } from '../../lib/i18n/index.svelte';
import { router } from '../../lib/router.svelte';
import { announce } from '../../lib/stores/alerts.svelte';
import { desk, followDesk } from '../../lib/stores/desk.svelte';
import { cardOf, deskOf, faultOf } from '../../lib/testing/parts';
import { fakeShell, refuse, type Shell } from '../../lib/testing/shell';
import { tour } from '../../lib/tour/tour.svelte';
import Desk from './Desk.svelte';

let stop: (() => void) | undefined;

async function shown(answers: Parameters<typeof fakeShell>[0] = {}): Promise<Shell> {
  const shell = fakeShell(answers);
  stop = followDesk();
  await desk.refresh();
  render(Desk);
  await tick();
  return shell;
}

const morning = deskOf(
  cardOf('lease', 'to-review', { source: 'changed' }),
  cardOf('loan', 'to-review'),
  cardOf('pledge', 'waiting-for-stamp', { running: 'stamped' }),
  cardOf('trust', 'done'),
);

beforeEach(() => {
  language.set('en');
  router.go({ screen: 'desk' });
});
afterEach(() => {
  cleanup();
  stop?.();
  tour.stop();
  for (const alert of announce.all) announce.close(alert.id);
});

describe('the desk', () => {
  it('shows contracts by state with counts, and what is wrong with them', async () => {
    await shown({ desk_view: () => morning });
    const headings = screen
      .getAllByRole('heading', { level: 2 })
      .map((heading) => heading.textContent.trim());
    expect(headings).toEqual(['To review 2', 'Waiting for the time stamp 1', 'Done 1']);
    expect(screen.getByText(/changed since it was added/)).toBeVisible();
    expect(screen.getByRole('progressbar', { name: 'Time-stamped' })).toBeVisible();
  });

  it('speaks Chinese as soon as it is told to', async () => {
    await shown({ desk_view: () => morning });
    language.set('zh-CN');
    await tick();
    expect(screen.getByRole('heading', { level: 1, name: '待办' })).toBeVisible();
  });

  it('goes to what is next', async () => {
    await shown({ desk_view: () => morning });
    await userEvent.click(screen.getByRole('button', { name: 'Review: loan.pdf' }));
    expect(router.route).toEqual({ screen: 'review', contract: 'loan' });
  });

  it('searches, and says when nothing fits', async () => {
    await shown({ desk_view: () => morning });
    await userEvent.keyboard('{Control>}f{/Control}');
    const box = screen.getByRole('searchbox', { name: 'Search contracts' });
    expect(box).toHaveFocus();
    await userEvent.keyboard('loan');
    expect(screen.getAllByRole('listitem')).toHaveLength(1);
    await userEvent.keyboard('x');
    expect(screen.getByText('No contract fits “loanx”')).toBeVisible();
    await userEvent.keyboard('{Escape}');
    expect(screen.getAllByRole('listitem')).toHaveLength(4);
  });

  it('is walked with the arrow keys', async () => {
    await shown({ desk_view: () => morning });
    await userEvent.click(screen.getByRole('searchbox'));
    await userEvent.keyboard('{ArrowDown}{ArrowDown}{ArrowDown}{ArrowDown}{ArrowDown}');
    expect(screen.getByRole('button', { name: 'Receipt: trust.pdf' })).toHaveFocus();
    await userEvent.keyboard('{ArrowUp}{Home}{Enter}');
    expect(router.route).toEqual({ screen: 'review', contract: 'lease' });
  });

  it('removes only after a question', async () => {
    const shell = await shown({ desk_view: () => morning, desk_remove: () => null });
    screen.getByRole('button', { name: 'Review: loan.pdf' }).focus();
    await userEvent.keyboard('{Delete}');
    const dialog = await screen.findByRole('dialog', { name: 'Remove from the desk?' });
    expect(shell.called('desk_remove')).toEqual([]);
    await userEvent.click(within(dialog).getByRole('button', { name: 'Remove' }));
    expect(shell.called('desk_remove')).toEqual([{ contract: 'loan' }]);
  });

  it('cannot remove what runs, but stop it', async () => {
    const shell = await shown({ desk_view: () => morning, work_cancel: () => null });
    expect(screen.getByRole('button', { name: 'Remove pledge.pdf from the desk' })).toBeDisabled();
    await userEvent.click(screen.getByRole('button', { name: 'Stop' }));
    expect(shell.called('work_cancel')).toEqual([{ contract: 'pledge' }]);
  });

  it('adds by Ctrl+O and opens a single one', async () => {
    const shell = await shown({ desk_view: () => morning, desk_add: () => ['loan'] });
    await userEvent.keyboard('{Control>}o{/Control}');
    await waitFor(() => {
      expect(router.route).toEqual({ screen: 'review', contract: 'loan' });
    });
    expect(shell.called('desk_add')).toHaveLength(1);
  });

  it('says what the shell refused', async () => {
    await shown({ desk_view: () => morning, desk_add: refuse(faultOf('not-a-pdf', 'ask-sender')) });
    await userEvent.click(screen.getByRole('button', { name: 'Add contract' }));
    await waitFor(() => {
      expect(announce.all.map((alert) => alert.fault?.code)).toEqual(['not-a-pdf']);
    });
  });

  it('follows events', async () => {
    let view = deskOf();
    const shell = await shown({ desk_view: () => view });
    expect(screen.getByText('Nothing waits for you')).toBeVisible();
    view = deskOf(cardOf('new', 'to-review'));
    await shell.send({ event: 'changed', contract: null });
    expect(await screen.findByRole('button', { name: 'Review: new.pdf' })).toBeVisible();
    await shell.send({ event: 'progress', contract: 'new', what: 'review', fraction: 0.4 });
    expect(await screen.findByRole('progressbar')).toHaveAttribute('aria-valuenow', '40');
    await shell.send({ event: 'dragging', over: true, files: 2 });
    await waitFor(() => {
      expect(desk.dragging).toEqual({ over: true, files: 2 });
    });
    await shell.send({ event: 'dragging', over: false, files: 0 });
  });

  it('says why it cannot be shown and tries again', async () => {
    let busy = true;
    await shown({ desk_view: () => (busy ? refuse(faultOf('store-busy'))() : morning) });
    expect(screen.getByRole('alert')).toHaveTextContent('Another process is using it');
    busy = false;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('button', { name: 'Review: loan.pdf' })).toBeVisible();
  });
});

describe('the first start', () => {
  it('offers the practice tour, which opens the practice desk', async () => {
    const practice = { ...deskOf(cardOf('sample', 'to-review')), practice: true };
    await shown({
      desk_view: () => ({ ...deskOf(), first_start: true }),
      practice_enter: () => practice,
    });
    await userEvent.click(screen.getByRole('button', { name: /Take the practice tour/ }));
    expect(await screen.findByRole('button', { name: 'Review: sample.pdf' })).toBeVisible();
    expect([tour.on, tour.here]).toEqual([true, { step: 'review', onScreen: false }]);
  });
});
