// The practice tour as it goes on. Not its business: what a step is (steps), how it looks (shell/Tour).
import { ipc } from '../ipc';
import { router } from '../router.svelte';
import { desk } from '../stores/desk.svelte';
import { whereIs } from './steps';

let on = $state(false);
let verified = $state(false);
let starting = $state(false);

export const tour = {
  get on(): boolean {
    return on && desk.practice;
  },
  /** The practice means are being made; the first time this takes a while. */
  get starting(): boolean {
    return starting;
  },
  /** The contract that it is about: the one that is open, else the first that was on this desk. */
  get card() {
    const route = router.route;
    return ('contract' in route ? desk.card(route.contract) : undefined) ?? desk.view?.contracts.at(-1);
  },
  get here() {
    return whereIs(router.route, tour.card, verified);
  },
  /** To the practice desk. Throws what the shell says. */
  async start(): Promise<void> {
    if (starting) return;
    starting = true;
    try {
      if (!desk.practice) desk.take(await ipc.practiceEnter());
    } finally {
      starting = false;
    }
    verified = false;
    on = true;
    router.go({ screen: 'desk' });
  },
  /** A report on the practice contract was shown. */
  reached(): void {
    verified = true;
  },
  stop(): void {
    on = false;
  },
};
