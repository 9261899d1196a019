// Which screen is shown, as an address (`#/review/<id>`), so that back, forward and the keyboard work as anywhere.
// Not its business: what the screens do.

export type Route =
  | { screen: 'desk' }
  | { screen: 'review'; contract: string; page?: number }
  | { screen: 'sign'; contract: string }
  | { screen: 'receipt'; contract: string }
  | { screen: 'verify'; report?: string }
  | { screen: 'settings'; section?: string }
  | { screen: 'about' };

export type Screen = Route['screen'];

/** An id is opaque but never more than this; anything else leads to the desk. */
const ID = /^[A-Za-z0-9_.:-]{1,200}$/;

export function address(route: Route): string {
  switch (route.screen) {
    case 'review': {
      const page = route.page === undefined ? '' : `/${String(route.page)}`;
      return `#/review/${encodeURIComponent(route.contract)}${page}`;
    }
    case 'sign':
    case 'receipt':
      return `#/${route.screen}/${encodeURIComponent(route.contract)}`;
    case 'verify':
      return route.report === undefined ? '#/verify' : `#/verify/${encodeURIComponent(route.report)}`;
    case 'settings':
      return route.section === undefined ? '#/settings' : `#/settings/${encodeURIComponent(route.section)}`;
    default:
      return `#/${route.screen}`;
  }
}

function decoded(part: string | undefined): string | undefined {
  if (part === undefined) return undefined;
  try {
    const text = decodeURIComponent(part);
    return ID.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

/** The route of an address; the desk for anything that is none. */
export function parse(hash: string): Route {
  const [screen, first, second] = hash.replace(/^#?\/?/, '').split('/');
  const id = decoded(first);
  switch (screen) {
    case 'review': {
      if (id === undefined) break;
      const page = Number(second);
      return Number.isInteger(page) && page > 0 ? { screen, contract: id, page } : { screen, contract: id };
    }
    case 'sign':
    case 'receipt':
      if (id === undefined) break;
      return { screen, contract: id };
    case 'verify':
      return id === undefined ? { screen } : { screen, report: id };
    case 'settings':
      return id === undefined ? { screen } : { screen, section: id };
    case 'about':
      return { screen };
  }
  return { screen: 'desk' };
}

let current = $state.raw<Route>(parse(location.hash));

export const router = {
  /** Reactive. */
  get route(): Route {
    return current;
  },
  go(route: Route, how: { replace?: boolean } = {}): void {
    const target = address(route);
    if (target === location.hash) return;
    if (how.replace === true) history.replaceState(null, '', target);
    else history.pushState(null, '', target);
    current = parse(target);
  },
  back(): void {
    if (history.length > 1) history.back();
    else router.go({ screen: 'desk' });
  },
};

/** Follows the browser's own back and forward; returns how to stop. */
export function followHistory(): () => void {
  const take = () => {
    current = parse(location.hash);
  };
  addEventListener('popstate', take);
  addEventListener('hashchange', take);
  return () => {
    removeEventListener('popstate', take);
    removeEventListener('hashchange', take);
  };
}
