// Parts that scenarios are put together from: contracts, digests, faults, tokens. Times count from a fixed now.
import type {
  ContractCard,
  ContractState,
  CredentialCard,
  FaultShown,
  SignatureFacts,
  StageEntry,
  StageName,
  TokenCard,
} from '../../../ui/src/lib/bindings';

/** The browser's clock is set to this. */
export const NOW = Date.parse('2026-11-24T09:30:00Z');

export const before = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString().replace('.000', '');

/** A digest that looks like one, the same for the same words. */
export function digest(words: string, digits = 64): string {
  let state = 0x811c9dc5;
  let hex = '';
  for (let i = 0; hex.length < digits; i += 1) {
    for (const char of `${words}${i}`) {
      state = Math.imul(state ^ char.charCodeAt(0), 0x01000193) >>> 0;
    }
    hex += state.toString(16).padStart(8, '0');
  }
  return hex.slice(0, digits);
}

export const fault = (
  code: string,
  stage: string,
  remedy: string,
  detail: Record<string, string> = {},
): FaultShown => ({ code, stage, remedy, detail });

export const SAMPLE = '8963c43429777ef76b35c48d6de9d010c30c2ce2eab0f7be7b9a31fa0d7b331a';

export function card(
  id: string,
  name: string,
  state: ContractState,
  more: Partial<ContractCard> = {},
): ContractCard {
  return {
    id,
    name,
    added: before(190),
    changed: before(12),
    size: 165_516,
    pages: 5,
    sha256: id === 'c1' ? SAMPLE : digest(name),
    state,
    running: null,
    fault: null,
    source: 'unchanged',
    output: null,
    earlier_signatures: 0,
    rejected_because: null,
    ...more,
  };
}

export function token(more: Partial<TokenCard> = {}): TokenCard {
  return {
    label: 'HUAHENG-UKEY',
    serial: '3F00A1C25577',
    manufacturer: 'Feitian Technologies',
    model: 'ePass2003',
    module: 'ePass2003',
    pin: 'ok',
    pin_pad: false,
    practice: false,
    ...more,
  };
}

export function credential(id: string, person: string, more: Partial<CredentialCard> = {}): CredentialCard {
  return {
    id,
    person,
    organisation: '华衡资产管理有限公司',
    subject: `CN=${person}, O=华衡资产管理有限公司, C=CN`,
    issuer: 'EXAMPLE CA OCA1',
    not_before: '2025-03-01T00:00:00Z',
    not_after: '2028-02-29T23:59:59Z',
    days_left: 827,
    certificate_sha256: digest(person),
    key: 'RSA 2048',
    algorithm: 'RSASSA-PKCS1-v1_5 / SHA-256',
    extractable: false,
    pin_each_time: false,
    token: token(),
    problem: null,
    ...more,
  };
}

export function signature(field: string, signer: string, more: Partial<SignatureFacts> = {}): SignatureFacts {
  return {
    field,
    kind: 'signature',
    revision: 1,
    integrity: 'intact',
    whole_revision: true,
    later_changes: 'none',
    changes: [],
    trust: 'trusted',
    revocation: 'unknown',
    signer,
    subject: `CN=${signer}, O=华衡资产管理有限公司, C=CN`,
    issuer: 'CN=EXAMPLE CA OCA1, O=Example Certification Authority, C=CN',
    not_before: '2025-03-01T00:00:00Z',
    not_after: '2028-02-29T23:59:59Z',
    serial: '10a93f5577c0ffee42',
    certificate_sha256: digest(signer),
    time: 'timestamp',
    time_at: before(20),
    tsa: 'CN=TSA 3, O=Example Time Service, C=CN',
    tsa_trust: 'trusted',
    level: 'B-T',
    algorithm: 'RSASSA-PKCS1-v1_5 / SHA-256',
    indication: 'TOTAL-PASSED',
    sub_indication: null,
    findings: [{ code: 'revocation-unknown', severity: 'warn', detail: 'not checked' }],
    ...more,
  };
}

const FACTS: Record<StageName, Record<string, string>> = {
  opened: { sha256: SAMPLE },
  approved: { pages: '5' },
  signed: { signer: '王芳', algorithm: 'RSASSA-PKCS1-v1_5 / SHA-256', token: 'HUAHENG-UKEY' },
  stamped: { tsa: 'tsa.example.org', gen_time: before(4), serial: '77201934' },
  embedded: { field: 'Signature1', sha256: digest('after'), indication: 'TOTAL-PASSED' },
  recorded: { evidence: digest('evidence'), record_id: 'R-20261124-0007' },
  submitted: { endpoint: 'custody-chain', transaction: `0x${digest('tx')}`, chain_id: '20210726' },
  final: { endpoint: 'custody-chain', block_number: '1904422', confirmations: '12' },
};

export const STAGES: StageName[] = [
  'opened',
  'approved',
  'signed',
  'stamped',
  'embedded',
  'recorded',
  'submitted',
  'final',
];

/** All stages, done up to and including `reached`, with the next one as given. */
export function stages(
  reached: StageName,
  next: Partial<StageEntry> = {},
  unwanted: StageName[] = [],
): StageEntry[] {
  const last = STAGES.indexOf(reached);
  return STAGES.map((stage, index) => {
    const base: StageEntry = { stage, state: 'ahead', at: null, facts: {}, fault: null, next_try: null };
    if (unwanted.includes(stage)) return { ...base, state: 'not-wanted' as const };
    if (index <= last)
      return { ...base, state: 'done' as const, at: before(10 - index), facts: FACTS[stage] };
    const first = STAGES.findIndex((one, at) => at > last && !unwanted.includes(one));
    return index === first ? { ...base, ...next } : base;
  });
}
