// Keys that work on every screen. Not its business: keys of one screen.
import { router } from '../lib/router.svelte';

const bare = (event: KeyboardEvent) => !event.ctrlKey && !event.metaKey && !event.altKey;

export function globalKeys(): () => void {
  const take = (event: KeyboardEvent) => {
    if (event.defaultPrevented) return;
    if (event.altKey && event.key === 'ArrowLeft') {
      event.preventDefault();
      router.back();
    } else if (event.altKey && /^[1-4]$/.test(event.key)) {
      const screens = ['desk', 'verify', 'settings', 'about'] as const;
      const screen = screens[Number(event.key) - 1];
      if (screen !== undefined) {
        event.preventDefault();
        router.go({ screen });
      }
    } else if ((event.ctrlKey || event.metaKey) && event.key === ',') {
      event.preventDefault();
      router.go({ screen: 'settings' });
    } else if (bare(event) && event.key === 'F1') {
      event.preventDefault();
      router.go({ screen: 'about' });
    }
  };
  addEventListener('keydown', take);
  return () => {
    removeEventListener('keydown', take);
  };
}
