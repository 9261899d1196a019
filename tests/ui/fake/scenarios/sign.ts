// Sign: every state of token and credential, and what becomes of a start.
import type { CredentialCard, TokenCard } from '../../../../ui/src/lib/bindings';
import { credential, fault, stages, token } from '../parts';
import type { Happening, Scenario } from '../scenario';
import { options, payload, receipt, scenario, settings, sheet, tokens, world } from '../world';

const seen = { c1: sheet({ seen: [1, 2, 3, 4, 5] }) };

const FIELDS = ['PartyA.Signature', 'PartyB.Signature'].map((name, at) => ({
  name,
  page: 5,
  rect: [90, 150 + at * 120, 270, 210 + at * 120] as [number, number, number, number],
  signed: false,
  locks: false,
}));

function one(
  name: string,
  about: string,
  part: Parameters<typeof world>[0] = {},
  more: Partial<Scenario> = {},
) {
  return scenario({
    name,
    about,
    screen: 'sign',
    contract: 'c1',
    world: world({ reviews: seen, ...part }),
    ...more,
  });
}

const withCards = (...credentials: CredentialCard[]) => ({
  tokens: tokens({ credentials, tokens: credentials.map((card) => card.token) }),
});
const pin = (state: TokenCard['pin'], more: Partial<TokenCard> = {}) => token({ pin: state, ...more });

const SIGN = 'aside .button.primary:enabled';

/** Stage after stage, up to the payload that waits for a word. */
export const signing: Happening[] = (['approved', 'signed', 'stamped', 'embedded', 'recorded'] as const).map(
  (stage, at) => ({
    wait: 120,
    patch: {
      receipts: {
        c1: receipt({
          stages: stages(stage, { state: at < 4 ? 'running' : 'waiting' }),
          payload: payload('full', at === 4),
          may_submit: at === 4,
        }),
      },
    },
    emit: { event: 'stage', contract: 'c1', stage },
  }),
);

const stopped = (code: string, remedy: string, detail = {}): Happening[] => [
  { wait: 150, emit: { event: 'progress', contract: 'c1', what: 'approved', fraction: null } },
  { wait: 150, emit: { event: 'fault', contract: 'c1', fault: fault(code, 'sign', remedy, detail) } },
];

/** The whole way: signing, then the word. */
const way = {
  sign_start: signing,
  receipt_submit: [
    {
      wait: 200,
      patch: { receipts: { c1: receipt() } },
      emit: { event: 'stage', contract: 'c1', stage: 'final' },
    },
  ],
} satisfies Scenario['after'];

export const sign = [
  { ...one('journey', 'From the desk to the receipt', {}, { after: way }), screen: 'desk' as const },
  one('sign', 'Two credentials, everything offered', {}, { after: { sign_start: signing } }),
  one('sign-fields', 'Two empty fields on the last page', {
    reviews: { c1: sheet({ ...seen.c1, fields: FIELDS }) },
    options: { c1: options({ fields: FIELDS }) },
  }),
  one('sign-approved', 'Approved with a blocking finding accepted; waits for its token after a restart', {
    reviews: {
      c1: sheet({
        ...seen.c1,
        card: { ...seen.c1.card, state: 'waiting-for-token' },
        findings: [{ code: 'javascript', weight: 'block', page: null, detail: '' }],
      }),
    },
    options: {
      c1: options({
        accepted: ['javascript'],
        draft: {
          credential: 'k2',
          where: 'field',
          field: 'PartyA.Signature',
          place: null,
          reason: '代表甲方签署',
          location: '上海',
          level: 'B-T',
          tsa: 1,
          endpoint: 'journal',
          submit_at_once: true,
        },
      }),
    },
    ...withCards(credential('k1', '王芳')),
  }),
  one('sign-no-token', 'No token in any slot', { tokens: tokens({ credentials: [], tokens: [] }) }),
  one('sign-module-error', 'The module cannot be loaded', {
    tokens: tokens({
      credentials: [],
      tokens: [],
      troubles: [
        {
          module: 'ePass2003',
          slot: '',
          fault: fault('module-load', 'open', 'change-settings', {
            reason: 'libcrypto.so.1.0.0: cannot open',
          }),
        },
        {
          module: 'OpenSC',
          slot: 'ACS ACR39U 00 00',
          fault: fault('module-hung', 'open', 'contact-support', { seconds: '10' }),
        },
      ],
    }),
  }),
  one('sign-no-module', 'No module configured', {
    tokens: tokens({ credentials: [], tokens: [] }),
    settings: settings({ modules: [] }),
  }),
  one(
    'sign-pin-states',
    'Count low, final try, locked, pin pad',
    withCards(
      credential('k1', '王芳', { token: pin('count-low', { serial: '3F00A1C20001' }) }),
      credential('k2', '李强', { token: pin('final-try', { serial: '3F00A1C20002' }) }),
      credential('k3', '赵敏', { token: pin('locked', { serial: '3F00A1C20003' }) }),
      credential('k4', 'Chen Wei', {
        token: pin('ok', { pin_pad: true, serial: '3F00A1C20004' }),
        pin_each_time: true,
      }),
    ),
  ),
  one(
    'sign-expired',
    'Expired, wrong usage, mismatch, weak',
    withCards(
      credential('k1', '王芳', { days_left: 6, not_after: '2026-11-30T23:59:59Z' }),
      credential('k2', '李强', {
        days_left: -120,
        not_after: '2026-07-27T23:59:59Z',
        problem: { code: 'certificate-expired', detail: '2026-07-27' },
      }),
      credential('k3', 'TLS server', {
        problem: { code: 'certificate-key-usage', detail: 'keyEncipherment' },
      }),
      credential('k4', '赵敏', { extractable: true, problem: { code: 'key-mismatch', detail: '' } }),
      credential('k5', '旧证书', {
        key: 'RSA 1024',
        algorithm: '',
        problem: { code: 'certificate-weak-key', detail: 'RSA 1024' },
      }),
    ),
  ),
  one('sign-bare', 'No field, no authority, no endpoint', {
    options: {
      c1: options({
        fields: [],
        may_place: false,
        tsas: [],
        endpoints: [],
        levels: ['B-B', 'B-T'],
        reasons: [],
        last_credential: null,
      }),
    },
  }),
  one(
    'sign-tokens-fault',
    'The tokens cannot be read',
    {},
    { fail: { tokens_view: fault('module-crashed', 'open', 'contact-support') } },
  ),
  one(
    'sign-running',
    'The PIN is being asked for',
    {},
    {
      press: SIGN,
      after: {
        sign_start: [
          { wait: 80, emit: { event: 'progress', contract: 'c1', what: 'approved', fraction: null } },
        ],
      },
    },
  ),
  one(
    'sign-wrong-pin',
    'The PIN was wrong',
    {},
    { press: SIGN, after: { sign_start: stopped('pin-incorrect', 'enter-pin', { tries: 'low' }) } },
  ),
  one(
    'sign-locked',
    'The PIN is locked now',
    {},
    { press: SIGN, after: { sign_start: stopped('pin-locked', 'contact-support') } },
  ),
  one(
    'sign-removed',
    'The token was pulled out',
    {},
    { press: SIGN, after: { sign_start: stopped('token-removed', 'insert-token') } },
  ),
  one(
    'sign-cancelled',
    'The PIN dialog was closed',
    {},
    { press: SIGN, after: { sign_start: stopped('cancelled', 'retry') } },
  ),
  one(
    'sign-changed',
    'The file changed since it was reviewed',
    {},
    {
      press: SIGN,
      fail: {
        sign_start: fault('changed-since-review', 'open', 'retry', { shown: '8963c434', now: '77aa0e12' }),
      },
    },
  ),
  one(
    'sign-not-seen',
    'Not all pages were seen',
    {},
    { press: SIGN, fail: { sign_start: fault('pages-not-seen', 'approve', 'retry', { missing: '4, 5' }) } },
  ),
  one(
    'sign-blocked',
    'Content that blocks',
    {
      reviews: {
        c1: sheet({
          seen: [1, 2, 3, 4, 5],
          findings: [{ code: 'javascript', weight: 'block', page: null, detail: 'OpenAction' }],
        }),
      },
    },
    { fail: { sign_start: fault('content-blocked', 'review', 'ask-sender', { codes: 'javascript' }) } },
  ),
  one(
    'sign-practice',
    'Practice means',
    {
      desk: { ...world().desk, practice: true },
      settings: settings({ practice: true }),
      ...withCards(
        credential('k1', '演练签署人 Practice Signer', {
          issuer: 'PRACTICE CA',
          token: token({ label: 'PRACTICE 演练', practice: true }),
        }),
      ),
      options: {
        c1: options({
          tsas: [{ index: 0, host: '127.0.0.1', practice: true }],
          endpoints: [{ name: 'practice', kind: 'evm', payload: 'full', host: '127.0.0.1', practice: true }],
        }),
      },
      practicePin: '2468',
    },
    { after: { sign_start: signing } },
  ),
];
