// What can go wrong before or while a page is shown. Not its business: the words for it (locale files, by code).
import type { FaultShown } from '../ipc';

export type TroubleCode = 'pdf-password' | 'pdf-damaged' | 'pdf-octets' | 'pdf-worker';

export class PdfTrouble extends Error {
  constructor(
    readonly code: TroubleCode,
    readonly detail: Record<string, string> = {},
  ) {
    super(code);
    this.name = 'PdfTrouble';
  }
}

/** As the fault component shows it. */
export function troubleShown(thrown: unknown): FaultShown {
  const trouble = thrown instanceof PdfTrouble ? thrown : asTrouble(thrown);
  const remedy = trouble.code === 'pdf-octets' || trouble.code === 'pdf-worker' ? 'retry' : 'ask-sender';
  return { code: trouble.code, stage: 'review', remedy, detail: trouble.detail };
}

/** pdf.js names its exceptions; across the worker only the name is left. */
export function asTrouble(thrown: unknown): PdfTrouble {
  if (thrown instanceof PdfTrouble) return thrown;
  const name = (thrown as { name?: unknown } | null)?.name;
  const said = thrown instanceof Error ? thrown.message : String(thrown);
  const detail = { reason: said.slice(0, 300) };
  if (name === 'PasswordException') return new PdfTrouble('pdf-password');
  return new PdfTrouble('pdf-damaged', detail);
}

/** The work was given up because nobody looks at it any more: no trouble at all. */
export function isCancelled(thrown: unknown): boolean {
  const name = (thrown as { name?: unknown } | null)?.name;
  return name === 'RenderingCancelledException' || name === 'AbortException' || name === 'AbortError';
}
