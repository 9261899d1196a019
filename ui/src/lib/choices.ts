// What a person decided while reading that the sign screen needs: findings accepted one by one. Kept only while the window
// is open; Rust checks everything again. Not its business: sending it (sign screen), what is written there (sign_keep).
export interface Choices {
  contract: string;
  /** Codes of blocking findings, each accepted wherever it occurs. */
  accepted: string[];
}

const kept = new Map<string, Choices>();

export const choices = {
  of(contract: string): Choices {
    return kept.get(contract) ?? { contract, accepted: [] };
  },
  /** Something was decided since the window was opened. */
  knows: (contract: string): boolean => kept.has(contract),
  accept(contract: string, accepted: string[]): void {
    kept.set(contract, { contract, accepted });
  },
  /** The file was taken anew: what was decided about the old one is void. */
  forget(contract: string): void {
    kept.delete(contract);
  },
};
