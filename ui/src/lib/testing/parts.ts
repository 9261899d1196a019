// Parts of views for tests of parts: those of the faked program, as plain as they can be.
import { card, fault } from '../../../../tests/ui/fake/parts';
import { settings } from '../../../../tests/ui/fake/world';
import type { ContractCard, ContractState, DeskView, FaultShown, SettingsView } from '../ipc';

export const faultOf = (code: string, remedy = 'retry'): FaultShown =>
  fault(code, 'sign', remedy, { tries: 'low' });

/** All of one age and one digest. */
export const cardOf = (id: string, state: ContractState, more: Partial<ContractCard> = {}): ContractCard =>
  card(id, `${id}.pdf`, state, {
    added: '2026-11-24T06:00:00Z',
    changed: '2026-11-24T06:00:00Z',
    sha256: 'ab'.repeat(32),
    ...more,
  });

export const deskOf = (...contracts: ContractCard[]): DeskView => ({
  contracts,
  practice: false,
  first_start: false,
});

/** Nothing is configured. */
export const settingsOf = (more: Partial<SettingsView> = {}): SettingsView =>
  settings({ language: 'en', modules: [], tsas: [], anchors: [], endpoints: [], ...more });
