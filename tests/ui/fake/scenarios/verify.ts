// Verify: passed, broken, untrusted, unknown, several, none, unreadable.
import type { VerifyView } from '../../../../ui/src/lib/bindings';
import { before, fault, signature } from '../parts';
import type { Scenario } from '../scenario';
import { report, scenario, world } from '../world';

function one(name: string, about: string, part: Partial<VerifyView>, more: Partial<Scenario> = {}): Scenario {
  return scenario({
    name,
    about,
    screen: 'verify',
    report: 'r1',
    world: world({ reports: { r1: report(part) } }),
    ...more,
  });
}

const error = (code: string, detail = '') => ({ code, severity: 'error', detail });

export const verify = [
  scenario({
    name: 'verify-start',
    about: 'Nothing taken yet',
    screen: 'verify',
    world: world({ reports: {} }),
  }),
  one('verify', 'Passed, chain matches', {}),
  one('verify-broken', 'Octets were changed', {
    overall: 'TOTAL-FAILED',
    signatures: [
      signature('Signature1', '王芳', {
        integrity: 'broken',
        trust: 'unknown',
        later_changes: 'unknown',
        time: 'none',
        time_at: '',
        tsa: '',
        tsa_trust: 'unknown',
        indication: 'TOTAL-FAILED',
        sub_indication: 'HASH_FAILURE',
        findings: [error('digest-mismatch', 'sha-256')],
      }),
    ],
    chain: 'differs',
    proofs: [{ endpoint: 'custody-chain', status: 'differs' }],
  }),
  one('verify-untrusted', 'Signer not from an accepted anchor; time only claimed', {
    overall: 'INDETERMINATE',
    signatures: [
      signature('Signature1', 'Maria Rossi', {
        subject: 'CN=Maria Rossi, O=Banca Esempio, C=IT',
        issuer: 'CN=Esempio CA 4, C=IT',
        trust: 'untrusted',
        time: 'claimed',
        tsa: '',
        tsa_trust: 'unknown',
        level: 'B-B',
        indication: 'INDETERMINATE',
        sub_indication: 'NO_CERTIFICATE_CHAIN_FOUND',
      }),
    ],
    chain: 'absent',
    proofs: [{ endpoint: 'custody-chain', status: 'absent' }],
  }),
  one('verify-unknown', 'Not understood', {
    overall: 'INDETERMINATE',
    pages: null,
    signatures: [
      signature('Signature1', '', {
        subject: '',
        issuer: '',
        integrity: 'not-understood',
        whole_revision: false,
        later_changes: 'unknown',
        trust: 'unknown',
        time: 'none',
        time_at: '',
        tsa: '',
        tsa_trust: 'unknown',
        level: 'none',
        algorithm: '',
        indication: 'INDETERMINATE',
        sub_indication: 'FORMAT_FAILURE',
        findings: [error('cms-unreadable', 'trailing octets')],
      }),
    ],
    chain: 'not-checked',
    proofs: [],
  }),
  one('verify-several', 'Three signatures, one changed after', {
    overall: 'TOTAL-FAILED',
    signatures: [
      signature('PartyA.Signature', '王芳', {
        later_changes: 'permitted',
        changes: [{ code: 'signature-added', detail: 'PartyB.Signature', page: 5, object: '41 0' }],
        time_at: before(4000),
      }),
      signature('PartyB.Signature', 'Maria Rossi', {
        revision: 2,
        later_changes: 'forbidden',
        indication: 'TOTAL-FAILED',
        sub_indication: 'FORMAT_FAILURE',
        changes: [
          { code: 'page-content-changed', detail: '第 3 页内容流被替换', page: 3, object: '17 0' },
          { code: 'annotation-added', detail: 'FreeText', page: 3, object: '44 0' },
        ],
        findings: [error('changed-after-signature')],
        time_at: before(2000),
      }),
      signature('Timestamp1', '', {
        kind: 'doc-timestamp',
        revision: 3,
        signer: 'TSA 3',
        subject: 'CN=TSA 3, O=Example Time Service, C=CN',
      }),
    ],
    chain: 'unverified',
    proofs: [
      { endpoint: 'custody-chain', status: 'unverified', reason: 'endpoint-unreachable' },
      { endpoint: 'journal', status: 'matches' },
    ],
  }),
  one('verify-none', 'No signature in it', {
    overall: 'NO-SIGNATURE',
    signatures: [],
    chain: 'not-checked',
    proofs: [],
  }),
  one('verify-practice', 'Practice means', {
    practice: true,
    signatures: [signature('Signature1', '演练签署人 Practice Signer', { issuer: 'CN=PRACTICE CA' })],
  }),
  scenario({
    name: 'verify-fault',
    about: 'The file cannot be read',
    screen: 'verify',
    report: 'r1',
    fail: {
      verify_shown: fault('not-a-pdf', 'verify', 'ask-sender'),
      verify_pick: fault('not-a-pdf', 'verify', 'ask-sender'),
    },
  }),
];
