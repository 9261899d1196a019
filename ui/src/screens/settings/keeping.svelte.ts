// The settings as they are kept, and the one way to change them. Not its business: what may be set (shell).
import {
  asFault,
  ipc,
  type FaultShown,
  type Probe,
  type SettingsChange,
  type SettingsView,
} from '../../lib/ipc';
import { announce } from '../../lib/stores/alerts.svelte';
import { takeLook } from '../../lib/stores/look.svelte';

export interface Tried {
  busy: boolean;
  probe?: Probe;
}

export class Keeping {
  view = $state.raw<SettingsView>();
  fault = $state.raw<FaultShown>();
  /** What is being changed now, by a name of the caller's. */
  busy = $state<string>();
  tried = $state.raw<Readonly<Record<string, Tried>>>({});

  async load(): Promise<void> {
    try {
      this.take(await ipc.settingsView());
      this.fault = undefined;
    } catch (thrown) {
      this.fault = asFault(thrown);
    }
  }

  /** Whether it was done; a refusal is announced and what is shown goes back to what is kept. */
  async does(name: string, act: () => Promise<SettingsView>): Promise<boolean> {
    this.busy = name;
    try {
      this.take(await act());
      return true;
    } catch (thrown) {
      announce.fault(asFault(thrown));
      if (this.view) this.take({ ...this.view });
      return false;
    } finally {
      this.busy = undefined;
    }
  }

  change(change: SettingsChange): Promise<boolean> {
    return this.does(change.change, () => ipc.settingsChange(change));
  }

  /** Asks a service whether it answers, and keeps what it said under a name. */
  async ask(name: string, question: () => Promise<Probe>): Promise<Probe | undefined> {
    this.tried = { ...this.tried, [name]: { busy: true } };
    try {
      const probe = await question();
      this.tried = { ...this.tried, [name]: { busy: false, probe } };
      return probe;
    } catch (thrown) {
      const probe = { ok: false, facts: {}, fault: asFault(thrown), took_ms: 0 };
      this.tried = { ...this.tried, [name]: { busy: false, probe } };
      return probe;
    }
  }

  /** What was found out about services is not of use after a change of their order. */
  forget(): void {
    this.tried = {};
  }

  private take(view: SettingsView): void {
    this.view = view;
    takeLook(view);
  }
}
