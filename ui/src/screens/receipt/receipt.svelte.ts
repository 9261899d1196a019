// One contract's receipt, kept current by events. Not its business: how it is drawn, what may be submitted (Rust).
import { asFault, ipc, onDeskEvent, type FaultShown, type Receipt, type StageEntry } from '../../lib/ipc';
import { announce } from '../../lib/stores/alerts.svelte';
import { news } from './timeline';

export function receiptOf(contract: string, tell: (changed: StageEntry[]) => void) {
  let shown = $state.raw<Receipt>();
  let fault = $state.raw<FaultShown>();
  let busy = $state(false);
  let asked = 0;

  async function load(): Promise<void> {
    asked += 1;
    const mine = asked;
    try {
      const now = await ipc.receiptView(contract);
      // A later question may have been answered already.
      if (mine !== asked) return;
      tell(news(shown, now));
      shown = now;
      fault = undefined;
    } catch (thrown) {
      if (mine === asked) fault = asFault(thrown);
    }
  }

  /** Sends a command and shows what became of it. */
  async function doing(command: () => Promise<unknown>): Promise<void> {
    busy = true;
    try {
      await command();
      await load();
    } catch (thrown) {
      announce.fault(asFault(thrown));
    } finally {
      busy = false;
    }
  }

  return {
    get shown() {
      return shown;
    },
    get fault() {
      return fault;
    },
    get busy() {
      return busy;
    },
    load,
    submit: () => doing(() => ipc.receiptSubmit(contract)),
    retry: () => doing(() => ipc.receiptRetry(contract)),
    open: () => doing(() => ipc.receiptOpen(contract)),
    folder: () => doing(() => ipc.receiptShowFolder(contract)),
    cancel: () => doing(() => ipc.workCancel(contract)),
    /** Until the returned function is called. */
    follow: () =>
      onDeskEvent((event) => {
        if (event.event === 'stage' || event.event === 'changed' || event.event === 'fault') {
          if (event.contract === null || event.contract === contract) void load();
        }
      }),
  };
}
