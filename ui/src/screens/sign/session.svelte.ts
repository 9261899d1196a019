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
  type SignDraft,
  type SignOptions,
  type TokensView,
} from '../../lib/ipc';
import { announce } from '../../lib/stores/alerts.svelte';
import { desk } from '../../lib/stores/desk.svelte';
import { EMPTY, started } from './draft';
import { hindrance, preselected } from './primary';
import { BEGUN, follow, standingOf, type Standing } from './progress';

/** Whoever comes back to the screen waits for what is being kept. */
let keeping: Promise<unknown> = Promise.resolve();
/** Between the last stroke of a key and keeping what was written. */
const PAUSE = 400;

export function signSession(contract: string) {
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
  const draft = $state<SignDraft>({ ...EMPTY });
  /** Codes of blocking findings: accepted while reading, or with the approval that waits. */
  let accepted = $state.raw<readonly string[]>([]);
  /** The draft says something; before that it is not kept. */
  let begun = false;
  /** The credential that the person chose, also while its token is away; one that nobody chose is not kept. */
  let wanted = '';
  let proposed = '';
  let lastKept = '';
  let soon: ReturnType<typeof setTimeout> | undefined;
  let mayNotKeep = false;

  const obstacle = $derived(
    hindrance(sheet, options, tokens, {
      ...draft,
      placed: draft.place !== null,
      accepted,
    }),
  );
  const endpoint = $derived(options?.endpoints.find((one) => one.name === draft.endpoint));

  async function load(): Promise<void> {
    loadFault = undefined;
    try {
      await keeping;
      [sheet, options] = await Promise.all([ipc.reviewOpen(contract), ipc.signOptions(contract)]);
      standing = standingOf(sheet.card);
      if (!begun) begin(sheet, options);
      if (desk.practice) practicePin = await ipc.practicePin().catch(() => null);
    } catch (thrown) {
      loadFault = asFault(thrown);
    }
  }

  /** From what was written before, and what was accepted while reading or, after a restart, with the approval. */
  function begin(sheet: ReviewSheet, options: SignOptions): void {
    if (options.accepted.length > 0 && !decided.knows(contract))
      decided.accept(contract, [...options.accepted]);
    accepted = decided.of(contract).accepted;
    const now = started(options.draft, options, sheet);
    wanted = now.credential;
    Object.assign(draft, now, { credential: '' });
    begun = true;
    lastKept = JSON.stringify(written());
  }

  function written(): SignDraft {
    const chosen = draft.credential !== '' && draft.credential !== proposed;
    return { ...$state.snapshot(draft), credential: chosen ? draft.credential : wanted };
  }

  function keep(): void {
    clearTimeout(soon);
    if (!begun) return;
    const now = written();
    const text = JSON.stringify(now);
    if (text === lastKept) return;
    lastKept = text;
    keeping = ipc.signKeep(contract, now).catch((thrown: unknown) => {
      lastKept = '';
      if (!mayNotKeep) announce.fault(asFault(thrown));
      mayNotKeep = true;
    });
  }

  async function look(fresh: boolean): Promise<void> {
    looking = fresh;
    try {
      const found = await ipc.tokensView(fresh);
      tokens = found;
      tokensFault = undefined;
      // What was chosen stays chosen while it is there; a token that comes back is chosen again, and no other instead.
      wanted = written().credential;
      if (!found.credentials.some((card) => card.id === draft.credential)) draft.credential = '';
      if (draft.credential === '') {
        draft.credential = preselected(found, options?.last_credential ?? null, wanted);
        proposed = draft.credential === wanted ? '' : draft.credential;
      }
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
      place: draft.where === 'place' ? draft.place : null,
      reason: draft.reason.trim(),
      location: draft.location.trim(),
      tsa: draft.level === 'B-B' ? null : draft.tsa,
      endpoint: draft.endpoint,
      submit_at_once: draft.endpoint !== null && draft.submit_at_once,
      accepted: [...accepted],
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
    },
    keep,
    /** Reads all of the draft, so that whoever calls it in an effect is called again when any of it changes. */
    keepSoon(): void {
      if (JSON.stringify(written()) === lastKept) return;
      clearTimeout(soon);
      soon = setTimeout(keep, PAUSE);
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
