// The ordinary world: five contracts, a token with two credentials, an authority, two endpoints. Scenarios change parts of it.
import type {
  AboutView,
  PayloadField,
  PayloadView,
  Receipt,
  ReviewSheet,
  SettingsView,
  SignOptions,
  TokensView,
  VerifyView,
} from '../../../ui/src/lib/bindings';
import { NOW, SAMPLE, before, card, credential, digest, fault, signature, stages, token } from './parts';
import type { Scenario, World } from './scenario';

export const CUSTODY = '基金托管协议（样本）.pdf';

export function sheet(more: Partial<ReviewSheet> = {}): ReviewSheet {
  return {
    card: card('c1', CUSTODY, 'to-review'),
    sha256: SAMPLE,
    sm3: digest('sm3'),
    pages: 5,
    page_sizes: Array.from({ length: 5 }, () => ({ width: 595.276, height: 841.89 })),
    pdf_version: '1.7',
    encrypted: false,
    revisions: [{ end: 165_516, signed_by: null }],
    fields: [],
    findings: [
      { code: 'non-embedded-font', weight: 'warn', page: 2, detail: 'SimSun' },
      { code: 'uri-action', weight: 'note', page: 4, detail: 'https://example.org/annex' },
    ],
    signatures: [],
    signable: true,
    refusals: [],
    seen: [1, 2],
    all_pages_must_be_seen: true,
    picture_fault: null,
    unreviewable: [],
    seen_as_picture: [],
    ...more,
  };
}

export function options(more: Partial<SignOptions> = {}): SignOptions {
  return {
    contract: 'c1',
    fields: [{ name: 'PartyA.Signature', page: 5, rect: [90, 150, 270, 210], signed: false, locks: false }],
    may_place: true,
    levels: ['B-T', 'B-B'],
    tsas: [
      { index: 0, host: 'tsa.example.org', practice: false },
      { index: 1, host: 'tsa2.example.org', practice: false },
    ],
    endpoints: [
      {
        name: 'custody-chain',
        kind: 'evm',
        payload: 'full',
        host: 'node.custody.example.org',
        practice: false,
      },
      { name: 'journal', kind: 'journal', payload: 'digests', host: '', practice: false },
    ],
    output_name: '基金托管协议（样本）-signed.pdf',
    output_folder: '待签合同',
    last_credential: 'k1',
    reasons: ['代表甲方签署', '确认全部条款'],
    draft: null,
    accepted: [],
    ...more,
  };
}

const FULL: PayloadField[] = [
  { name: 'evidence', value: digest('evidence') },
  { name: 'document.sha256', value: digest('after') },
  { name: 'signature.value', value: digest('value', 512) },
  { name: 'timestamp.token', value: digest('token', 1400) },
];
const DIGESTS: PayloadField[] = [
  { name: 'evidence', value: digest('evidence') },
  { name: 'document.sha256', value: digest('after') },
  { name: 'signature.sha256', value: digest('value') },
  { name: 'timestamp.sha256', value: digest('token') },
  { name: 'gen_time', value: '2026-11-24T09:26:00Z' },
];

export function payload(mode: 'full' | 'digests' | 'commit', known: boolean): PayloadView {
  const all = { full: FULL, digests: DIGESTS, commit: FULL.slice(0, 1) }[mode];
  return {
    endpoint: 'custody-chain',
    kind: 'evm',
    host: 'node.custody.example.org',
    mode,
    fields: known ? all : all.map((field) => ({ ...field, value: null })),
    practice: false,
  };
}

export function receipt(more: Partial<Receipt> = {}): Receipt {
  return {
    card: card('c1', CUSTODY, 'done', { output: '基金托管协议（样本）-signed.pdf' }),
    stages: stages('final'),
    sha256_after: digest('after'),
    field: 'Signature1',
    level: 'B-T',
    level_wanted: 'B-T',
    evidence: digest('evidence'),
    record_id: 'R-20261124-0007',
    payload: payload('full', true),
    may_submit: false,
    may_retry: false,
    practice: false,
    ...more,
  };
}

export function report(more: Partial<VerifyView> = {}): VerifyView {
  return {
    id: 'r1',
    name: '基金托管协议（样本）-signed.pdf',
    size: 199_402,
    sha256: digest('after'),
    sm3: digest('after-sm3'),
    pages: 5,
    at: before(0),
    overall: 'TOTAL-PASSED',
    signatures: [signature('Signature1', '王芳')],
    chain: 'matches',
    proofs: [
      {
        endpoint: 'custody-chain',
        status: 'matches',
        transaction: `0x${digest('tx')}`,
        block_number: '1904422',
      },
    ],
    practice: false,
    ...more,
  };
}

export const tokens = (more: Partial<TokensView> = {}): TokensView => ({
  at: before(0),
  credentials: [
    credential('k1', '王芳'),
    credential('k2', 'Chen Wei', {
      key: 'EC P-256',
      algorithm: 'ECDSA / SHA-256',
      days_left: 41,
      not_after: '2027-01-04T23:59:59Z',
    }),
  ],
  tokens: [token()],
  troubles: [],
  ...more,
});

export const settings = (more: Partial<SettingsView> = {}): SettingsView => ({
  language: 'zh-CN',
  theme: 'light',
  level: 'B-T',
  all_pages_must_be_seen: true,
  modules: [
    {
      id: 'm1',
      name: 'ePass2003',
      file: 'libcastle.so.1.0.0',
      configured: true,
      description: 'EnterSafe PKCS#11 2.1',
      tokens: 1,
      fault: null,
    },
    {
      id: 'm2',
      name: 'OpenSC',
      file: 'opensc-pkcs11.so',
      configured: false,
      description: '',
      tokens: 0,
      fault: null,
    },
    {
      id: 'm3',
      name: 'WatchKey',
      file: 'libwdpkcs.so',
      configured: true,
      description: '',
      tokens: 0,
      fault: fault('module-load', 'open', 'change-settings', { reason: 'libcrypto.so.1.0.0: cannot open' }),
    },
  ],
  tsas: [
    { index: 0, url: 'https://tsa.example.org/rfc3161', auth: 'none', practice: false },
    { index: 1, url: 'https://tsa2.example.org/tsr', auth: 'basic', practice: false },
  ],
  anchors: [
    {
      id: 'a1',
      file: 'example-roots.pem',
      subjects: ['EXAMPLE CA ROOT', 'EXAMPLE CA EV ROOT'],
      used_for: 'signers',
      fault: null,
    },
    {
      id: 'a2',
      file: 'example-tsa.pem',
      subjects: ['EXAMPLE TIME ROOT'],
      used_for: 'authorities',
      fault: null,
    },
  ],
  endpoints: [
    {
      name: 'custody-chain',
      kind: 'evm',
      url: 'https://node.custody.example.org',
      payload: 'full',
      finality: 'confirmations:12',
      pins: {
        chain_id: '20210726',
        genesis: `0x${digest('genesis')}`,
        contract: `0x${digest('contract', 40)}`,
        code_hash: `0x${digest('code')}`,
      },
      account: 'keyring',
      practice: false,
    },
    {
      name: 'journal',
      kind: 'journal',
      url: '',
      payload: 'digests',
      finality: 'instant',
      pins: {},
      account: '',
      practice: false,
    },
  ],
  locked: [],
  practice: false,
  fault: null,
  ...more,
});

const about: AboutView = {
  version: '0.2.0',
  libraries: [
    { name: 'hayro', version: '0.9.0', licence: 'Apache-2.0 OR MIT' },
    { name: 'pdfjs-dist', version: '5.7.0', licence: 'Apache-2.0' },
    { name: 'tauri', version: '2.12.5', licence: 'Apache-2.0 OR MIT' },
  ],
  program_sha256: digest('program'),
  system: 'Debian GNU/Linux 12 · WebKitGTK 2.48',
};

export function world(more: Partial<World> = {}): World {
  return {
    desk: {
      contracts: [
        card('c1', CUSTODY, 'to-review'),
        card('c2', '资产证券化补充协议 2026-08.pdf', 'waiting-for-stamp', {
          changed: before(3),
          output: '资产证券化补充协议 2026-08-signed.pdf',
        }),
        card('c3', 'Share pledge agreement – Series B.pdf', 'waiting-for-chain', {
          output: 'Share pledge agreement – Series B-signed.pdf',
          pages: 38,
        }),
        card('c4', '保证合同（第三方担保）.pdf', 'ready-to-submit', {
          output: '保证合同（第三方担保）-signed.pdf',
          earlier_signatures: 2,
        }),
        card('c5', '运营外包服务合同.pdf', 'done', {
          output: '运营外包服务合同-signed.pdf',
          changed: before(2900),
        }),
      ],
      practice: false,
      first_start: false,
    },
    reviews: { c1: sheet() },
    options: { c1: options() },
    receipts: { c1: receipt(), c3: receipt(), c4: receipt(), c5: receipt() },
    payloads: {
      full: payload('full', false),
      digests: payload('digests', false),
      commit: payload('commit', false),
    },
    tokens: tokens(),
    reports: { r1: report() },
    settings: settings(),
    about,
    probe: {
      ok: true,
      facts: { gen_time: new Date(NOW).toISOString(), clock_skew_s: '1' },
      fault: null,
      took_ms: 212,
    },
    practicePin: null,
    ...more,
  };
}

/** A scenario with what it leaves out filled in. */
export const scenario = (
  given: Pick<Scenario, 'name' | 'about' | 'screen'> & Partial<Scenario>,
): Scenario => ({ world: world(), fail: {}, slow: {}, after: {}, ...given });
