// Four facts of a signature, each by itself: a symbol, a tone and words. Pure. Nothing here is ever added up.
import type { BottomLine, ChainFact, SignatureFacts, VerifyView } from '../../lib/ipc';

/** `none`: there is nothing that could be judged. Unknown stays unknown. */
export type Tone = 'yes' | 'no' | 'unknown' | 'none';

export const SYMBOL: Record<Tone, string> = { yes: '✓', no: '✕', unknown: '?', none: '–' };

export interface Fact {
  /** Key below `verify.fact-`. */
  name: 'bytes' | 'signer' | 'time' | 'chain';
  tone: Tone;
  /** Key below `verify.`. */
  word: string;
  /** Key below `verify.`: what it means. */
  means: string;
}

const INTEGRITY = { intact: 'yes', broken: 'no', 'not-understood': 'unknown' } as const;
const TRUST = { trusted: 'yes', untrusted: 'no', unknown: 'unknown' } as const;
const CHAIN: Record<ChainFact, Tone> = {
  matches: 'yes',
  differs: 'no',
  absent: 'none',
  unverified: 'unknown',
  'not-checked': 'none',
};

/** Intact octets that are not the whole revision prove less than they seem to. */
function bytes(signature: SignatureFacts): Fact {
  if (signature.integrity === 'intact' && !signature.whole_revision) {
    return { name: 'bytes', tone: 'unknown', word: 'bytes-partial', means: 'bytes-partial-means' };
  }
  const word = `bytes-${signature.integrity}`;
  return { name: 'bytes', tone: INTEGRITY[signature.integrity], word, means: `${word}-means` };
}

function signer(signature: SignatureFacts): Fact {
  if (signature.revocation === 'revoked') {
    return { name: 'signer', tone: 'no', word: 'signer-revoked', means: 'signer-revoked-means' };
  }
  const word = `signer-${signature.trust}`;
  return { name: 'signer', tone: TRUST[signature.trust], word, means: `${word}-means` };
}

function time(signature: SignatureFacts): Fact {
  if (signature.time === 'timestamp') {
    const word = `time-stamp-${signature.tsa_trust}`;
    return { name: 'time', tone: TRUST[signature.tsa_trust], word, means: `${word}-means` };
  }
  const word = `time-${signature.time}`;
  return {
    name: 'time',
    tone: signature.time === 'claimed' ? 'unknown' : 'none',
    word,
    means: `${word}-means`,
  };
}

function chain(fact: ChainFact): Fact {
  return { name: 'chain', tone: CHAIN[fact], word: `chain-${fact}`, means: `chain-${fact}-means` };
}

/** The chain's fact is about the whole file; it stands beside the others and is the same for each signature. */
export function fourFacts(
  signature: SignatureFacts,
  report: Pick<VerifyView, 'chain'>,
): [Fact, Fact, Fact, Fact] {
  return [bytes(signature), signer(signature), time(signature), chain(report.chain)];
}

export const LATER: Record<SignatureFacts['later_changes'], Tone> = {
  none: 'yes',
  permitted: 'yes',
  forbidden: 'no',
  unknown: 'unknown',
};

export const HEADLINE: Record<BottomLine, Tone> = {
  'TOTAL-PASSED': 'yes',
  INDETERMINATE: 'unknown',
  'TOTAL-FAILED': 'no',
  'NO-SIGNATURE': 'none',
};

export const revocationTone = (revocation: string): Tone =>
  revocation === 'good' ? 'yes' : revocation === 'revoked' ? 'no' : 'unknown';
