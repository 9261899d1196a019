// A fault that a screen shows where it belongs is not told a second time in the corner.
import type { FaultShown } from '../../lib/ipc';
import { announce } from '../../lib/stores/alerts.svelte';

/** In an effect: closes what is said already, also when it comes later. */
export function saidHere(faults: readonly (FaultShown | null | undefined)[]): void {
  const codes = new Set(faults.map((fault) => fault?.code));
  for (const alert of announce.all) {
    if (alert.fault && codes.has(alert.fault.code)) announce.close(alert.id);
  }
}
