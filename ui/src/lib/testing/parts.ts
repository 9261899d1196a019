// Parts of views for tests.
import type { ContractCard, ContractState, DeskView, FaultShown, SettingsView } from '../ipc';

export const faultOf = (code: string, remedy = 'retry'): FaultShown => ({
  code,
  stage: 'sign',
  remedy,
  detail: { tries: 'low' },
});

export function cardOf(id: string, state: ContractState, more: Partial<ContractCard> = {}): ContractCard {
  return {
    id,
    name: `${id}.pdf`,
    added: '2026-11-24T06:00:00Z',
    changed: '2026-11-24T06:00:00Z',
    size: 165_516,
    pages: 5,
    sha256: 'ab'.repeat(32),
    state,
    running: null,
    fault: null,
    source: 'unchanged',
    output: null,
    earlier_signatures: 0,
    rejected_because: null,
    ...more,
  };
}

export const deskOf = (...contracts: ContractCard[]): DeskView => ({
  contracts,
  practice: false,
  first_start: false,
});

export function settingsOf(more: Partial<SettingsView> = {}): SettingsView {
  return {
    language: 'en',
    theme: 'light',
    level: 'B-T',
    all_pages_must_be_seen: true,
    modules: [],
    tsas: [],
    anchors: [],
    endpoints: [],
    locked: [],
    practice: false,
    fault: null,
    ...more,
  };
}
