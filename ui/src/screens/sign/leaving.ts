// What will leave this computer, and where to: before anything does. Pure.
import type { EndpointChoice, PayloadView, SignOptions } from '../../lib/ipc';

export interface Leaving {
  /** `tsa`, `endpoint`; `local`: it stays on this computer. */
  to: 'tsa' | 'endpoint' | 'local';
  host: string;
  /** Field names; text by `receipt.field-<name>`. */
  fields: string[];
}

/** Never leaves, whatever is chosen; text by `sign.never-<name>`. */
export const NEVER = ['text', 'file-name', 'people', 'pin'] as const;

/** The fields of a mode, should the preview not have them. */
const MODES: Record<string, string[]> = {
  full: ['evidence', 'document.sha256', 'signature.value', 'timestamp.token'],
  digests: ['evidence', 'document.sha256', 'signature.sha256', 'timestamp.sha256', 'gen_time'],
  commit: ['evidence'],
};

export const stamped = (level: string) => level !== 'B-B';

/** Hosts that are asked for a stamp, in order. */
export function authorities(options: SignOptions, tsa: number | null): string[] {
  return options.tsas.filter((one) => tsa === null || one.index === tsa).map((one) => one.host);
}

export function leaving(
  options: SignOptions,
  chosen: { level: string; tsa: number | null; endpoint: EndpointChoice | undefined },
  preview: PayloadView | null | undefined,
): Leaving[] {
  const rows: Leaving[] = [];
  if (stamped(chosen.level)) {
    const hosts = authorities(options, chosen.tsa);
    if (hosts.length > 0) rows.push({ to: 'tsa', host: hosts.join(' → '), fields: ['imprint'] });
  }
  if (chosen.endpoint) {
    const fields = preview?.fields.map((field) => field.name) ?? MODES[chosen.endpoint.payload] ?? [];
    const to = chosen.endpoint.kind === 'journal' ? 'local' : 'endpoint';
    rows.push({ to, host: chosen.endpoint.host, fields });
  }
  return rows;
}
