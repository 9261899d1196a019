// The desk: empty, full, in trouble; practice.
import { before, card, digest, fault } from '../parts';
import { options, receipt, scenario, settings, sheet, tokens, world } from '../world';

const many = [
  card('c1', '基金托管协议（样本）.pdf', 'to-review'),
  card('c6', '战略合作框架协议.pdf', 'to-review', { source: 'changed', earlier_signatures: 1, pages: 21 }),
  card('c7', 'Loan facility agreement.pdf', 'to-review', { source: 'missing', pages: null }),
  card('c8', '担保函.pdf', 'waiting-for-token', { fault: fault('token-absent', 'sign', 'insert-token') }),
  card('c2', '资产证券化补充协议 2026-08.pdf', 'waiting-for-stamp', {
    fault: fault('tsa-unreachable', 'timestamp', 'retry', { url: 'https://tsa.example.org' }),
    output: '资产证券化补充协议 2026-08-signed.pdf',
  }),
  card('c9', '投资顾问协议.pdf', 'waiting-for-stamp', { running: 'stamped' }),
  card('c4', '保证合同（第三方担保）.pdf', 'ready-to-submit', {
    output: '保证合同（第三方担保）-signed.pdf',
  }),
  card('c3', 'Share pledge agreement – Series B.pdf', 'waiting-for-chain', { pages: 38 }),
  card('c10', '回购协议.pdf', 'needs-attention', {
    fault: fault('chain-mismatch', 'submit', 'change-settings', { what: 'genesis' }),
  }),
  card('c11', '股权转让协议（第三稿）.pdf', 'rejected', {
    rejected_because: '第 7 条违约金比例与会议纪要不符',
  }),
  ...Array.from({ length: 14 }, (_, at) =>
    card(`d${at}`, `运营外包服务合同 ${2026 - at}.pdf`, 'done', {
      changed: before(3000 + at * 1440),
      sha256: digest(`d${at}`),
      output: `运营外包服务合同 ${2026 - at}-signed.pdf`,
    }),
  ),
];

export const desk = [
  scenario({ name: 'desk', about: 'An ordinary morning', screen: 'desk' }),
  scenario({
    name: 'desk-empty',
    about: 'Nothing on it, everything configured',
    screen: 'desk',
    world: world({ desk: { contracts: [], practice: false, first_start: false } }),
  }),
  scenario({
    name: 'first-start',
    about: 'Nothing on it and nothing configured',
    screen: 'desk',
    world: world({
      desk: { contracts: [], practice: false, first_start: true },
      tokens: tokens({ credentials: [], tokens: [] }),
      settings: settings({ modules: [], tsas: [], anchors: [], endpoints: [] }),
    }),
  }),
  scenario({
    name: 'desk-many',
    about: 'Every state, every trouble',
    screen: 'desk',
    world: world({ desk: { contracts: many, practice: false, first_start: false } }),
  }),
  scenario({
    name: 'desk-fault',
    about: 'The desk itself cannot be read',
    screen: 'desk',
    fail: { desk_view: fault('store-busy', 'open', 'retry', { reason: 'locked by 4711' }) },
  }),
  scenario({
    name: 'practice',
    about: 'The practice desk',
    screen: 'desk',
    world: world({
      desk: {
        contracts: [card('c1', '基金托管协议（样本）.pdf', 'to-review')],
        practice: true,
        first_start: false,
      },
      settings: settings({ practice: true }),
      tokens: tokens({
        credentials: tokens()
          .credentials.slice(0, 1)
          .map((one) => ({ ...one, token: { ...one.token, label: 'PRACTICE 演练', practice: true } })),
      }),
      reviews: { c1: sheet({ seen: [1, 2, 3, 4, 5] }) },
      options: { c1: options({ tsas: [{ index: 0, host: '127.0.0.1', practice: true }] }) },
      receipts: { c1: receipt({ practice: true }) },
      practicePin: '2468',
    }),
  }),
];
