// Where signing stands, from what the shell tells. Pure.
import type { ContractCard, DeskEvent, FaultShown, StageName } from '../../lib/ipc';

/** Stages that are waited for on this screen; what comes later is followed on the receipt. */
export const STAGES: readonly StageName[] = ['opened', 'approved', 'signed'];
const LATER: readonly StageName[] = ['signed', 'stamped', 'embedded', 'recorded', 'submitted', 'final'];

/** `now`: the stage that is worked at. */
export type Standing =
  { at: 'choosing'; fault?: FaultShown } | { at: 'running'; now: StageName } | { at: 'signed' };

export const BEGUN: Standing = { at: 'running', now: 'approved' };

/** The same standing when the event is about something else. */
export function follow(standing: Standing, event: DeskEvent, contract: string): Standing {
  switch (event.event) {
    case 'stage':
      if (event.contract !== contract || standing.at === 'signed') return standing;
      if (LATER.includes(event.stage)) return { at: 'signed' };
      return { at: 'running', now: event.stage === 'approved' ? 'signed' : 'approved' };
    case 'fault':
      if (event.contract !== contract || standing.at === 'signed') return standing;
      return { at: 'choosing', fault: event.fault };
    default:
      return standing;
  }
}

/** What a card says: it was signed meanwhile, it is being signed, or it still waits. */
export function standingOf(card: ContractCard | undefined): Standing {
  if (!card) return { at: 'choosing' };
  if (!['to-review', 'waiting-for-token'].includes(card.state)) return { at: 'signed' };
  if (card.running !== null) return { at: 'running', now: card.running };
  return card.fault ? { at: 'choosing', fault: card.fault } : { at: 'choosing' };
}

/** What is kept after a fault: a key below `sign.kept-`. */
export function kept(fault: FaultShown): 'all' | 'file' | 'pages' {
  if (['changed-since-review', 'input-missing', 'input-unreadable'].includes(fault.code)) return 'file';
  return ['pages-not-seen', 'page-not-reviewable', 'content-blocked'].includes(fault.code) ? 'pages' : 'all';
}

/** What the button below a fault does. */
export function wayOut(fault: FaultShown): 'again' | 'review' | 'settings' | 'look' | 'none' {
  if (kept(fault) !== 'all') return 'review';
  if (['pin-locked', 'certificate-expired', 'key-mismatch'].includes(fault.code)) return 'none';
  switch (fault.remedy) {
    case 'insert-token':
      return 'look';
    case 'change-settings':
      return 'settings';
    case 'retry':
    case 'enter-pin':
      return 'again';
    default:
      return 'none';
  }
}
