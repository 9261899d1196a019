// One visit to the sign screen: what can be chosen, what was chosen, where signing stands. Not its business: how it is
// drawn; what may be signed (Rust decides, this only explains beforehand).
import { choices as decided } from '../../lib/choices';
import {
  asFault,
  ipc,
  onDeskEvent,
  type DeskEvent,
  type FaultShown,
  type PayloadView,
  type Place,
  type ReviewSheet,
  type SignChoices,
  type SignOptions,
  type TokensView,
} from '../../lib/ipc';
import { desk } from '../../lib/stores/desk.svelte';
import { hindrance, preselected, type Where } from './primary';
import { BEGUN, follow, standingOf, type Standing } from './progress';

interface Draft {
  credential: string;
  where: Where;
  field: string;
  place: Place | undefined;
  reason: string;
  location: string;
  level: string;
  /** Position of the only authority, or none: all in order. */
  tsa: number | null;
  endpoint: string | null;
  atOnce: boolean;
}

/** What was typed stays while the window is open, also across other screens. */
const drafts = new Map<string, Draft>();

export function signSession(contract: string) {
  const begun = decided.of(contract);
  const remembered = drafts.get(contract);
  let sheet = $state.raw<ReviewSheet>();
  let options = $state.raw<SignOptions>();
  let tokens = $state.raw<TokensView>();
  let preview = $state.raw<PayloadView | null>();
  let loadFault = $state.raw<FaultShown>();
  let tokensFault = $state.raw<FaultShown>();
  let looking = $state(false);
  /** The card has said that signing goes on. */
  let began = false;
  let practicePin = $state.raw<string | null>(null);
  let standing = $state.raw<Standing>({ at: 'choosing' });
  const draft = $state<Draft>(
    remembered ?? {
      credential: '',
      where: begun.place ? 'place' : begun.field === undefined ? 'invisible' : 'field',
      field: begun.field ?? '',
      place: begun.place,
      reason: '',
      location: '',
      level: '',
      tsa: null,
      endpoint: null,
      atOnce: false,
    },
  );
  if (begun.place) Object.assign(draft, { place: begun.place, where: 'place' });

  const obstacle = $derived(
    hindrance(sheet, options, tokens, {
      ...draft,
      placed: draft.place !== undefined,
      accepted: begun.accepted,
    }),
  );
  const endpoint = $derived(options?.endpoints.find((one) => one.name === draft.endpoint));

  async function load(): Promise<void> {
    loadFault = undefined;
    try {
      [sheet, options] = await Promise.all([ipc.reviewOpen(contract), ipc.signOptions(contract)]);
      standing = standingOf(sheet.card);
      if (!remembered) {
        draft.level = options.levels[0] ?? 'B-B';
        draft.endpoint = options.endpoints[0]?.name ?? null;
      }
      if (draft.level !== 'B-B' && options.tsas.length === 0 && options.levels.includes('B-B'))
        draft.level = 'B-B';
      if (desk.practice) practicePin = await ipc.practicePin().catch(() => null);
    } catch (thrown) {
      loadFault = asFault(thrown);
    }
  }

  async function look(fresh: boolean): Promise<void> {
    looking = fresh;
    try {
      const found = await ipc.tokensView(fresh);
      tokens = found;
      tokensFault = undefined;
      // What was chosen stays chosen while it is there; a token that comes back is chosen again.
      if (!found.credentials.some((card) => card.id === draft.credential)) draft.credential = '';
      if (draft.credential === '') draft.credential = preselected(found, options?.last_credential ?? null);
    } catch (thrown) {
      tokensFault = asFault(thrown);
    } finally {
      looking = false;
    }
  }

  function chosen(): SignChoices {
    return {
      contract,
      sha256: sheet?.sha256 ?? '',
      credential: draft.credential,
      level: draft.level,
      field: draft.where === 'field' ? draft.field : null,
      place: draft.where === 'place' ? (draft.place ?? null) : null,
      reason: draft.reason.trim(),
      location: draft.location.trim(),
      tsa: draft.level === 'B-B' ? null : draft.tsa,
      endpoint: draft.endpoint,
      submit_at_once: draft.endpoint !== null && draft.atOnce,
      accepted: [...begun.accepted],
    };
  }

  async function foresee(): Promise<void> {
    if (draft.endpoint === null) {
      preview = null;
      return;
    }
    // A preview that cannot be had is no reason to stop: the fields of the mode are known.
    preview = await ipc.signPreview(chosen()).catch(() => undefined);
  }

  async function start(): Promise<void> {
    began = false;
    standing = BEGUN;
    try {
      await ipc.signStart(chosen());
    } catch (thrown) {
      standing = { at: 'choosing', fault: asFault(thrown) };
    }
  }

  function take(event: DeskEvent): void {
    standing = follow(standing, event, contract);
    if (event.event === 'tokens') void look(false);
    if (event.event === 'changed' && (event.contract === null || event.contract === contract)) void again();
  }

  /** The card may have gone on, or back, without a stage of its own. */
  async function again(): Promise<void> {
    const now = await ipc.deskView().catch(() => undefined);
    const card = now?.contracts.find((one) => one.id === contract);
    if (!card) return;
    if (sheet) sheet = { ...sheet, card };
    const said = standingOf(card);
    if (said.at === 'running') began = true;
    // A start that was just sent is not undone by a card that does not know of it yet.
    if (said.at !== 'choosing' || (standing.at === 'running' && (said.fault !== undefined || began)))
      standing = said;
  }

  return {
    get sheet() {
      return sheet;
    },
    get options() {
      return options;
    },
    get tokens() {
      return tokens;
    },
    get preview() {
      return preview;
    },
    get fault() {
      return loadFault;
    },
    get tokensFault() {
      return tokensFault;
    },
    get looking() {
      return looking;
    },
    get practicePin() {
      return practicePin;
    },
    get standing() {
      return standing;
    },
    get obstacle() {
      return obstacle;
    },
    get endpoint() {
      return endpoint;
    },
    draft,
    load,
    look,
    foresee,
    start,
    place(place: Place): void {
      draft.place = place;
      draft.where = 'place';
      decided.change(contract, { place });
    },
    keep(): void {
      drafts.set(contract, $state.snapshot(draft));
    },
    async cancel(): Promise<void> {
      await ipc.workCancel(contract).catch((thrown: unknown) => {
        standing = { at: 'choosing', fault: asFault(thrown) };
      });
    },
    /** The approval that waits for its token is taken back. */
    async withdraw(): Promise<void> {
      try {
        await ipc.workCancel(contract);
        standing = { at: 'choosing' };
        await load();
      } catch (thrown) {
        standing = { at: 'choosing', fault: asFault(thrown) };
      }
    },
    async chooseOutput(): Promise<void> {
      try {
        const now = await ipc.signChooseOutput(contract);
        if (now) options = now;
      } catch (thrown) {
        standing = { at: 'choosing', fault: asFault(thrown) };
      }
    },
    /** Until the returned function is called. */
    listen: () => onDeskEvent(take),
  };
}

export type Session = ReturnType<typeof signSession>;
