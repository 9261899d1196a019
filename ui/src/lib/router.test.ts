import { describe, expect, it } from 'vitest';
import { address, followHistory, parse, router, type Route } from './router.svelte';

const ROUTES: [string, Route][] = [
  ['#/desk', { screen: 'desk' }],
  ['#/review/c-1', { screen: 'review', contract: 'c-1' }],
  ['#/review/c-1/7', { screen: 'review', contract: 'c-1', page: 7 }],
  ['#/sign/c-1', { screen: 'sign', contract: 'c-1' }],
  ['#/receipt/c-1', { screen: 'receipt', contract: 'c-1' }],
  ['#/verify', { screen: 'verify' }],
  ['#/verify/r-1', { screen: 'verify', report: 'r-1' }],
  ['#/settings', { screen: 'settings' }],
  ['#/settings/tsas', { screen: 'settings', section: 'tsas' }],
  ['#/about', { screen: 'about' }],
];

describe('addresses', () => {
  it.each(ROUTES)('%s', (hash, route) => {
    expect(address(route)).toBe(hash);
    expect(parse(hash)).toEqual(route);
  });

  it.each([
    '',
    '#',
    '#/',
    '#/nowhere',
    '#/review',
    '#/sign/',
    '#/review/%',
    '#/review/a%2Fb',
    `#/sign/${'x'.repeat(201)}`,
  ])('anything else leads to the desk: %s', (hash) => {
    expect(parse(hash)).toEqual({ screen: 'desk' });
  });

  it.each(['#/review/c/0', '#/review/c/-1', '#/review/c/1.5', '#/review/c/x'])('no such page: %s', (hash) => {
    expect(parse(hash)).toEqual({ screen: 'review', contract: 'c' });
  });
});

describe('router', () => {
  it('goes, and follows back', async () => {
    const stop = followHistory();
    router.go({ screen: 'about' });
    router.go({ screen: 'sign', contract: 'c1' });
    expect([router.route, location.hash]).toEqual([{ screen: 'sign', contract: 'c1' }, '#/sign/c1']);
    const popped = new Promise((resolve) => addEventListener('popstate', resolve, { once: true }));
    router.back();
    await popped;
    expect(router.route).toEqual({ screen: 'about' });
    stop();
  });

  it('replaces without a step of history', () => {
    router.go({ screen: 'about' });
    const before = history.length;
    router.go({ screen: 'verify', report: 'r' }, { replace: true });
    expect([history.length, router.route]).toEqual([before, { screen: 'verify', report: 'r' }]);
  });
});
