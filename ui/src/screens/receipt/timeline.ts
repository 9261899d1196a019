// The receipt's stages as they are drawn: symbol, tone, facts, what each proves and who vouches for it. Pure.
import type { Receipt, StageEntry, StageName, StageState } from '../../lib/ipc';

export type Tone = 'good' | 'now' | 'wait' | 'ahead' | 'off' | 'bad';

export const TONE: Record<StageState, Tone> = {
  done: 'good',
  running: 'now',
  waiting: 'wait',
  ahead: 'ahead',
  'not-wanted': 'off',
  failed: 'bad',
};

/** Symbols beside words, never instead of them. */
export const SYMBOL: Record<StageState, string> = {
  done: '✓',
  running: '●',
  waiting: '…',
  ahead: '',
  'not-wanted': '–',
  failed: '!',
};

/** Values that are digests or the like: shown short, copied whole. */
const LONG = /^(0x)?[0-9a-f]{32,}$/;

export interface FactRow {
  name: string;
  value: string;
  kind: 'digest' | 'time' | 'plain';
}

export interface Row {
  entry: StageEntry;
  tone: Tone;
  facts: FactRow[];
  /** Proof is only claimed of what was reached: a key below `receipt.proves-`. A journal on this computer is no chain. */
  proves: string | undefined;
}

const ORDER = [
  'signer',
  'tsa',
  'gen_time',
  'endpoint',
  'transaction',
  'block_number',
  'confirmations',
  'sha256',
];

/** Said elsewhere on the screen. */
const SAID = ['held'];

function place(name: string): number {
  const at = ORDER.indexOf(name);
  return at < 0 ? ORDER.length : at;
}

export function factRows(facts: Partial<Record<string, string>>): FactRow[] {
  return Object.entries(facts)
    .filter(
      (fact): fact is [string, string] => fact[1] !== undefined && fact[1] !== '' && !SAID.includes(fact[0]),
    )
    .sort(([one], [other]) => place(one) - place(other) || (one < other ? -1 : 1))
    .map(([name, value]) => ({ name, value, kind: kindOf(value) }));
}

function kindOf(value: string): FactRow['kind'] {
  if (LONG.test(value)) return 'digest';
  return /^\d{4}-\d{2}-\d{2}T/.test(value) ? 'time' : 'plain';
}

export function timeline(receipt: Receipt): Row[] {
  return receipt.stages.map((entry) => ({
    entry,
    tone: TONE[entry.state],
    facts: factRows(entry.facts),
    proves: entry.state === 'done' ? proofOf(entry.stage, receipt.payload?.kind) : undefined,
  }));
}

function proofOf(stage: StageName, kind: string | undefined): string {
  return kind === 'journal' && (stage === 'submitted' || stage === 'final') ? `${stage}-journal` : stage;
}

/** The one thing the person can do next. */
export type NextStep = 'submit' | 'retry' | 'sign' | 'open' | 'none';

export function nextStep(receipt: Receipt): NextStep {
  if (receipt.may_submit) return 'submit';
  if (receipt.card.state === 'waiting-for-token') return 'sign';
  if (receipt.may_retry) return 'retry';
  return receipt.card.output === null ? 'none' : 'open';
}

/** One sentence above the timeline: a key below `receipt.head-`. */
export function headline(receipt: Receipt): string {
  if (receipt.stages.some((entry) => entry.state === 'failed')) return 'failed';
  if (receipt.may_submit) return 'held';
  if (receipt.stages.some((entry) => entry.state === 'running')) return 'running';
  const waiting = receipt.stages.find((entry) => entry.state === 'waiting');
  if (waiting) return `waiting-${waiting.stage}`;
  const done = (stage: StageName) =>
    receipt.stages.some((entry) => entry.stage === stage && entry.state === 'done');
  if (done('final')) return 'final';
  return done('recorded') ? 'recorded' : 'begun';
}

/** What changed since the receipt was shown last, for readers: stages with a new state. */
export function news(before: Receipt | undefined, now: Receipt): StageEntry[] {
  if (!before) return [];
  const old = new Map(before.stages.map((entry) => [entry.stage, entry.state]));
  return now.stages.filter((entry) => old.get(entry.stage) !== entry.state && entry.state !== 'ahead');
}
