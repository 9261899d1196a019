// What is said about a credential: state of its PIN, how long it holds. Pure.
import type { CredentialCard, TokenCard } from '../../lib/ipc';

export type Tone = 'plain' | 'note' | 'warn' | 'bad';

export interface Remark {
  /** Key below `sign.`. */
  key: string;
  tone: Tone;
}

/** From here on it is said that a certificate ends soon. */
const SOON_DAYS = 30;

export function pinRemark(token: TokenCard): Remark {
  switch (token.pin) {
    case 'locked':
      return { key: 'pin-locked', tone: 'bad' };
    case 'final-try':
      return { key: 'pin-final', tone: 'bad' };
    case 'count-low':
      return { key: 'pin-low', tone: 'warn' };
    default:
      return token.pin_pad ? { key: 'pin-pad', tone: 'note' } : { key: 'pin-ok', tone: 'plain' };
  }
}

export function validity(card: CredentialCard): Remark {
  if (card.problem?.code === 'certificate-not-yet-valid') return { key: 'not-yet', tone: 'bad' };
  if (card.days_left < 0) return { key: 'expired', tone: 'bad' };
  return card.days_left <= SOON_DAYS
    ? { key: 'ends-soon', tone: 'warn' }
    : { key: 'days-left', tone: 'plain' };
}

/** Why it cannot be used, as a code of a fault; empty when it can. */
export function reason(card: CredentialCard): string {
  if (card.problem) return card.problem.code;
  return card.token.pin === 'locked' ? 'pin-locked' : '';
}
