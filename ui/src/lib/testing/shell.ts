// A shell for component tests: commands answer from a table, events are sent by hand, calls are kept.
import { emit } from '@tauri-apps/api/event';
import { clearMocks, mockIPC } from '@tauri-apps/api/mocks';
import type { DeskEvent, FaultShown } from '../ipc';
import { deskOf, settingsOf } from './parts';

type Answer = (args: Record<string, unknown>) => unknown;

export interface Shell {
  calls: { command: string; args: Record<string, unknown> }[];
  /** How often, or with what, a command was called. */
  called: (command: string) => Record<string, unknown>[];
  send: (event: DeskEvent) => Promise<void>;
}

/** A refusal, as commands throw it. */
export const refuse = (fault: FaultShown) => (): never => {
  throw fault;
};

export function fakeShell(answers: Record<string, Answer> = {}): Shell {
  const all: Record<string, Answer> = {
    desk_view: () => deskOf(),
    settings_view: () => settingsOf(),
    screen_shown: () => null,
    ui_ready: () => null,
    ...answers,
  };
  const calls: Shell['calls'] = [];
  clearMocks();
  mockIPC(
    (command, given) => {
      const args = (given ?? {}) as Record<string, unknown>;
      calls.push({ command, args });
      const answer = all[command];
      if (answer === undefined) throw new Error(`no answer for ${command}`);
      return answer(args);
    },
    { shouldMockEvents: true },
  );
  return {
    calls,
    called: (command) => calls.filter((call) => call.command === command).map((call) => call.args),
    send: (event) => emit('desk-event', event),
  };
}
