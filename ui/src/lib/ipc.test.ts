import { waitFor } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';
import { asFault, docUrl, FaultError, ipc, onDeskEvent, type DeskEvent } from './ipc';
import { deskOf, faultOf } from './testing/parts';
import { fakeShell, refuse } from './testing/shell';

describe('commands', () => {
  it('resolve to their value and pass their arguments on', async () => {
    const shell = fakeShell({ desk_view: () => deskOf(), review_reject: () => null });
    expect(await ipc.deskView()).toEqual(deskOf());
    expect(await ipc.reviewReject('c1', 'no')).toBeNull();
    expect(shell.called('review_reject')).toEqual([{ contract: 'c1', reason: 'no' }]);
  });

  it('throw what the shell said, unchanged', async () => {
    fakeShell({ sign_start: refuse(faultOf('pages-not-seen')) });
    const thrown = await ipc.signStart({} as never).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(FaultError);
    expect(asFault(thrown)).toEqual(faultOf('pages-not-seen'));
  });

  it.each([
    [
      'an exception',
      () => {
        throw new Error('broken');
      },
      /broken/,
    ],
    [
      'a text, as for a command that is not allowed',
      () => {
        throw 'not allowed by ACL';
      },
      /not allowed/,
    ],
  ])('make an internal fault of %s', async (_, answer, reason) => {
    fakeShell({ desk_view: answer });
    const fault = asFault(await ipc.deskView().catch((error: unknown) => error));
    expect([fault.code, fault.remedy]).toEqual(['internal', 'contact-support']);
    expect(fault.detail['reason']).toMatch(reason);
  });
});

describe('events', () => {
  it('come until nobody listens any more', async () => {
    const shell = fakeShell();
    const handle = vi.fn<(event: DeskEvent) => void>();
    const stop = onDeskEvent(handle);
    await shell.send({ event: 'tokens' });
    await waitFor(() => {
      expect(handle).toHaveBeenCalledWith({ event: 'tokens' });
    });
    stop();
  });
});

describe('addresses of what the shell serves', () => {
  it('keep their slashes and their question', () => {
    Object.assign(window, {
      __TAURI_INTERNALS__: {
        convertFileSrc: (path: string, scheme: string) => `${scheme}://localhost/${encodeURIComponent(path)}`,
      },
    });
    expect(docUrl('c1/page/3?w=800')).toBe('doc://localhost/c1/page/3?w=800');
    expect(docUrl('c1/file')).toBe('doc://localhost/c1/file');
  });
});
