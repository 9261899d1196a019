// The practice tour: five steps, and which of them is at hand. Pure: it follows what the person does, it does not lead by force.
import type { ContractCard } from '../ipc';
import type { Route } from '../router.svelte';

export const STEPS = ['review', 'sign', 'receipt', 'submit', 'verify'] as const;
export type Step = (typeof STEPS)[number];

/** What the callout says: a step, and whether its screen is open already. `done` after the last one. */
export interface Here {
  step: Step | 'done';
  onScreen: boolean;
}

/** Steps before this one are done. */
export function position(here: Here): number {
  return here.step === 'done' ? STEPS.length : STEPS.indexOf(here.step);
}

const at = (step: Step | 'done', onScreen: boolean): Here => ({ step, onScreen });

export function whereIs(route: Route, card: ContractCard | undefined, verified: boolean): Here {
  if (verified) return at('done', route.screen === 'verify');
  if (card === undefined) return at('review', false);
  const here = 'contract' in route && route.contract === card.id ? route.screen : undefined;
  switch (card.state) {
    case 'to-review':
    case 'rejected':
      if (here === 'sign') return at('sign', true);
      return at('review', here === 'review');
    case 'waiting-for-token':
      return at('sign', here === 'sign');
    case 'ready-to-submit':
      return at('submit', here === 'receipt');
    case 'done':
      return at('verify', here === 'receipt' || route.screen === 'verify');
    default:
      return at('receipt', here === 'receipt');
  }
}

/** Where the step is done. */
export function routeOf(step: Step, contract: string): Route {
  if (step === 'review' || step === 'sign') return { screen: step, contract };
  return { screen: 'receipt', contract };
}
