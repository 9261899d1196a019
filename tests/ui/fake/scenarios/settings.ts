// Settings and About.
import { fault } from '../parts';
import { scenario, settings as view, world } from '../world';

export const settings = [
  scenario({ name: 'settings', about: 'Modules, authorities, anchors, endpoints', screen: 'settings' }),
  scenario({
    name: 'settings-locked',
    about: 'An administrator locked most of it',
    screen: 'settings',
    world: world({
      settings: view({
        locked: [
          'signing.level',
          'signing.render_all_pages_before_signing',
          'pkcs11.module',
          'tsa',
          'trust.anchors',
          'endpoint.custody-chain',
        ],
      }),
    }),
  }),
  scenario({
    name: 'settings-empty',
    about: 'Nothing configured',
    screen: 'settings',
    world: world({ settings: view({ modules: [], tsas: [], anchors: [], endpoints: [] }) }),
  }),
  scenario({
    name: 'settings-unusable',
    about: 'The configuration cannot be used',
    screen: 'settings',
    world: world({
      settings: view({
        fault: fault('config-unusable', 'open', 'change-settings', { reason: 'line 12: unknown key' }),
      }),
    }),
  }),
  scenario({
    name: 'settings-probe-fails',
    about: 'Connection tests fail',
    screen: 'settings',
    world: world({
      probe: {
        ok: false,
        facts: {},
        fault: fault('endpoint-unreachable', 'submit', 'retry', { reason: 'connection refused' }),
        took_ms: 2004,
      },
    }),
  }),
  scenario({
    name: 'settings-describe',
    about: 'A node describes itself',
    screen: 'settings',
    world: world({
      probe: {
        ok: true,
        facts: { chain_id: '20210726', genesis: '0x4c1f', latest_block: '1904433', code_hash: '0x9a01' },
        fault: null,
        took_ms: 88,
      },
    }),
  }),
  scenario({ name: 'about', about: 'What the program is', screen: 'about' }),
];
