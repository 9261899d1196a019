// The desk's contracts in groups, and what comes next for each. Pure.
import type { ContractCard, ContractState } from '../../lib/ipc';
import type { Route } from '../../lib/router.svelte';

/** From what needs a person to what needs nobody. */
export const ORDER: readonly ContractState[] = [
  'needs-attention',
  'to-review',
  'waiting-for-token',
  'ready-to-submit',
  'waiting-for-stamp',
  'waiting-for-chain',
  'done',
  'rejected',
];

const NOBODY: readonly ContractState[] = ['done', 'rejected'];

export interface Group {
  state: ContractState;
  cards: ContractCard[];
}

/** Contracts that are not finished. */
export function inHand(cards: readonly ContractCard[]): number {
  return cards.filter((card) => !NOBODY.includes(card.state)).length;
}

const plain = (text: string) => text.normalize('NFKC').toLocaleLowerCase();

/** Every word must occur in the name, the result's name or the digest. */
export function matches(card: ContractCard, sought: string): boolean {
  const text = plain(`${card.name}\n${card.output ?? ''}\n${card.sha256}\n${card.rejected_because ?? ''}`);
  return plain(sought)
    .split(/\s+/)
    .every((word) => text.includes(word));
}

export function grouped(cards: readonly ContractCard[], sought = ''): Group[] {
  return ORDER.map((state) => ({
    state,
    cards: cards.filter((card) => card.state === state && matches(card, sought)),
  })).filter((group) => group.cards.length > 0);
}

export type Next = 'review' | 'look-again' | 'sign' | 'submit' | 'attend' | 'receipt';

/** The one thing to do next with a contract. */
export function next(card: ContractCard): Next {
  switch (card.state) {
    case 'to-review':
      return 'review';
    case 'rejected':
      return 'look-again';
    case 'waiting-for-token':
      return 'sign';
    case 'ready-to-submit':
      return 'submit';
    case 'needs-attention':
      return 'attend';
    default:
      return 'receipt';
  }
}

/** Where it is done. While something runs it is watched on the receipt, wherever it started. */
export function routeFor(card: ContractCard): Route {
  const contract = card.id;
  switch (next(card)) {
    case 'review':
    case 'look-again':
      return { screen: 'review', contract };
    case 'sign':
      return { screen: card.running === null ? 'sign' : 'receipt', contract };
    default:
      return { screen: 'receipt', contract };
  }
}
