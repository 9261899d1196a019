// What the protocol `doc` answers, from the sample contract and pictures of its pages.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page, Route } from 'playwright-core';

/** Where the page believes documents to be; the same origin as the page, so that headers can be read. */
export const DOCUMENTS = '/documents.invalid/';

const file = (path: string) => readFileSync(fileURLToPath(new URL(path, import.meta.url)));
const pages = 5;

async function answer(route: Route): Promise<void> {
  const url = new URL(route.request().url());
  const path = decodeURIComponent(url.pathname.slice(url.pathname.indexOf(DOCUMENTS) + DOCUMENTS.length));
  const picture = /\/page\/(\d+)$/.exec(path);
  if (picture) {
    const page = Math.min(Math.max(Number(picture[1]), 1), pages);
    await route.fulfill({
      body: file(`./pages/${page}.png`),
      contentType: 'image/png',
      headers: { 'X-Warnings': '0' },
    });
    return;
  }
  const octets = file('../../../sample/contract.pdf');
  const range = /^bytes=(\d+)-(\d+)$/.exec(route.request().headers()['range'] ?? '');
  if (!range) {
    await route.fulfill({ status: 416, body: 'a range is required' });
    return;
  }
  const from = Number(range[1]);
  const to = Math.min(Number(range[2]), octets.length - 1, from + 1024 * 1024 - 1);
  await route.fulfill({
    status: 206,
    body: octets.subarray(from, to + 1),
    contentType: 'application/pdf',
    headers: { 'Content-Range': `bytes ${from}-${to}/${octets.length}`, 'X-Total': String(octets.length) },
  });
}

/** Answers for this page. */
export const serveDocuments = (page: Page) => page.route(`**${DOCUMENTS}**`, answer);
