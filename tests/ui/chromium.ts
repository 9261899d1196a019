// The browser that the tests drive: Debian's, from its own folder, without reaching out of this machine.
export const CHROMIUM = process.env['COUNTERSIGN_CHROMIUM'] ?? '/usr/bin/chromium';

export const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
