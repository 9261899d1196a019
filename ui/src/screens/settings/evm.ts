// What is asked for an EVM endpoint, and whether it can be right. Pure.

export type FinalityKind = 'instant' | 'confirmations' | 'finalized';

export interface EvmDraft {
  name: string;
  url: string;
  contract: string;
  account: string;
  finality: FinalityKind;
  confirmations: string;
  payload: 'full' | 'digests' | 'commit';
}

export const emptyDraft = (): EvmDraft => ({
  name: '',
  url: '',
  contract: '',
  account: '',
  finality: 'confirmations',
  confirmations: '12',
  payload: 'digests',
});

export type Wrong = 'name' | 'name-taken' | 'url' | 'address' | 'confirmations';

export function isWebUrl(text: string): boolean {
  try {
    const url = new URL(text);
    return (
      (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '' && url.password === ''
    );
  } catch {
    return false;
  }
}

export function nameWrong(name: string, taken: readonly string[]): Wrong | undefined {
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(name)) return 'name';
  return taken.includes(name) ? 'name-taken' : undefined;
}

const ADDRESS = /^0x[0-9a-fA-F]{40}$/;

/** What is wrong, field by field. */
export function wrongs(draft: EvmDraft, taken: readonly string[]): Partial<Record<keyof EvmDraft, Wrong>> {
  const found: Partial<Record<keyof EvmDraft, Wrong>> = {};
  const name = nameWrong(draft.name, taken);
  if (name !== undefined) found.name = name;
  if (!isWebUrl(draft.url)) found.url = 'url';
  if (!ADDRESS.test(draft.contract)) found.contract = 'address';
  if (draft.account !== '' && !ADDRESS.test(draft.account)) found.account = 'address';
  const count = Number(draft.confirmations);
  if (draft.finality === 'confirmations' && !(Number.isInteger(count) && count >= 1 && count <= 10_000)) {
    found.confirmations = 'confirmations';
  }
  return found;
}

export function finalityOf(draft: EvmDraft): string {
  return draft.finality === 'confirmations' ? `confirmations:${draft.confirmations}` : draft.finality;
}
