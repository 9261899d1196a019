// What a person decided while reading that the sign screen needs: findings accepted one by one, and where the signature
// goes. Kept only while the window is open; Rust checks everything again. Not its business: sending it (sign screen).
import type { Place } from './ipc';

export interface Choices {
  contract: string;
  /** Codes of blocking findings, each accepted wherever it occurs. */
  accepted: string[];
  /** A new visible field. */
  place?: Place;
  /** An existing empty field; never together with `place`. */
  field?: string;
}

/** A place, a field, or nothing visible (both undefined), or what was accepted. */
export interface Change {
  accepted?: string[];
  place?: Place | undefined;
  field?: string | undefined;
}

const kept = new Map<string, Choices>();

export const choices = {
  of(contract: string): Choices {
    return kept.get(contract) ?? { contract, accepted: [] };
  },
  /** Replaces what is named; a place puts an end to a field and the other way round. */
  change(contract: string, change: Change): void {
    const before = choices.of(contract);
    const accepted = change.accepted ?? before.accepted;
    const where = 'place' in change || 'field' in change ? change : before;
    if (where.place !== undefined) kept.set(contract, { contract, accepted, place: where.place });
    else if (where.field !== undefined) kept.set(contract, { contract, accepted, field: where.field });
    else kept.set(contract, { contract, accepted });
  },
  /** The file was taken anew: what was decided about the old one is void. */
  forget(contract: string): void {
    kept.delete(contract);
  },
};
