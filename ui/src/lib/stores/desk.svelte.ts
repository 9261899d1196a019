// What the desk holds and what goes on there, kept current by events. Not its business: how it is grouped or drawn.
import { asFault, ipc, onDeskEvent, type DeskView, type FaultShown } from '../ipc';
import { announce } from './alerts.svelte';

interface Going {
  what: string;
  fraction: number | null;
}

let view = $state.raw<DeskView | undefined>(undefined);
let fault = $state.raw<FaultShown | undefined>(undefined);
let dragging = $state.raw({ over: false, files: 0 });
let going = $state.raw<Readonly<Record<string, Going>>>({});
let asked = 0;

export const desk = {
  /** Undefined until the shell has answered once. */
  get view(): DeskView | undefined {
    return view;
  },
  /** Why the desk cannot be shown, if it cannot. */
  get fault(): FaultShown | undefined {
    return fault;
  },
  get practice(): boolean {
    return view?.practice ?? false;
  },
  get dragging() {
    return dragging;
  },
  /** Work that goes on, by contract id (empty id: files that are not on the desk yet). */
  get going(): Readonly<Record<string, Going>> {
    return going;
  },
  card(id: string) {
    return view?.contracts.find((card) => card.id === id);
  },
  /** A view that a command returned already. */
  take(next: DeskView): void {
    asked += 1;
    // Another desk: what went on at the one before is not shown here.
    if (view !== undefined && view.practice !== next.practice) going = {};
    view = next;
    fault = undefined;
  },
  async refresh(): Promise<void> {
    asked += 1;
    const mine = asked;
    try {
      const next = await ipc.deskView();
      // A later question may have been answered already.
      if (mine === asked) desk.take(next);
    } catch (thrown) {
      if (mine === asked) fault = asFault(thrown);
    }
  },
};

function ended(contract: string | null): void {
  going =
    contract === null ? {} : Object.fromEntries(Object.entries(going).filter(([id]) => id !== contract));
}

/** Keeps the desk current until the returned function is called. */
export function followDesk(): () => void {
  return onDeskEvent((event) => {
    switch (event.event) {
      case 'changed':
        ended(event.contract);
        void desk.refresh();
        break;
      case 'stage':
        ended(event.contract);
        void desk.refresh();
        break;
      case 'progress':
        going = { ...going, [event.contract]: { what: event.what, fraction: event.fraction } };
        break;
      case 'fault':
        announce.fault(event.fault);
        if (event.contract !== null) ended(event.contract);
        void desk.refresh();
        break;
      case 'dragging':
        dragging = { over: event.over, files: event.files };
        break;
      default:
        break;
    }
  });
}
