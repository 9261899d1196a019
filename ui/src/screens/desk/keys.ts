// Moving among contracts with the arrow keys: each has one thing to do, and focus goes from one to the next.

/** Marks the element of a contract that takes focus. */
export const MAIN = 'data-main';

export function move(list: HTMLElement, by: 1 | -1): void {
  const all = [...list.querySelectorAll<HTMLElement>(`[${MAIN}]`)];
  const focused = document.activeElement?.closest('[data-card]');
  const at = all.findIndex((element) => element.closest('[data-card]') === focused);
  const goal = at === -1 ? (by === 1 ? 0 : all.length - 1) : at + by;
  all[Math.min(all.length - 1, Math.max(0, goal))]?.focus();
}

/** Home and End too. */
export function arrow(event: KeyboardEvent, list: HTMLElement): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const all = list.querySelectorAll<HTMLElement>(`[${MAIN}]`);
  if (event.key === 'ArrowDown') move(list, 1);
  else if (event.key === 'ArrowUp') move(list, -1);
  else if (event.key === 'Home') all[0]?.focus();
  else if (event.key === 'End') all[all.length - 1]?.focus();
  else return;
  event.preventDefault();
}
