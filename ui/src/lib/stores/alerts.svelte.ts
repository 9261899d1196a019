// Short messages that are also read aloud. Faults stay until they are closed.
import type { FaultShown } from '../ipc';

export interface Alert {
  id: number;
  tone: 'note' | 'good' | 'bad';
  text?: string;
  fault?: FaultShown;
}

const LASTS_MS = 6000;
let alerts = $state.raw<Alert[]>([]);
let next = 1;

function add(alert: Omit<Alert, 'id'>): void {
  const id = next;
  next += 1;
  alerts = [...alerts.slice(-3), { ...alert, id }];
  if (alert.fault === undefined) setTimeout(() => announce.close(id), LASTS_MS);
}

export const announce = {
  get all(): Alert[] {
    return alerts;
  },
  note(text: string): void {
    add({ tone: 'note', text });
  },
  good(text: string): void {
    add({ tone: 'good', text });
  },
  fault(fault: FaultShown): void {
    if (alerts.some((known) => known.fault?.code === fault.code && known.fault.stage === fault.stage)) return;
    add({ tone: 'bad', fault });
  },
  close(id: number): void {
    alerts = alerts.filter((alert) => alert.id !== id);
  },
};
