// What an administrator locked. Pure.

/** Dotted keys of the configuration behind each part of the screen. */
export const KEYS = {
  level: 'signing.level',
  seen: 'signing.render_all_pages_before_signing',
  modules: 'pkcs11.module',
  tsas: 'tsa',
  signers: 'trust.anchors',
  authorities: 'trust.tsa_anchors',
  endpoints: 'endpoint',
} as const;

/** A key is locked itself, or something above or below it is. */
export function isLocked(locked: readonly string[], key: string): boolean {
  return locked.some((lock) => lock === key || lock.startsWith(`${key}.`) || key.startsWith(`${lock}.`));
}

/** One endpoint: locked itself, or all of them. */
export function endpointLocked(locked: readonly string[], name: string): boolean {
  return isLocked(locked, `${KEYS.endpoints}.${name}`);
}

/** New ones cannot be added only where the whole table is locked. */
export function endpointsLocked(locked: readonly string[]): boolean {
  return locked.includes(KEYS.endpoints);
}
