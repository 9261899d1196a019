// The program, faked inside the page: it answers commands from a scenario and sends events. Runs in the browser before
// anything else, so it uses nothing from outside itself.
import type { Happening, Patch, Scenario, World } from './scenario';

export function install({ scenario, documents }: { scenario: Scenario; documents: string }): void {
  // What commands take is checked where it is sent.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  type Args = Record<string, any>;
  const world = structuredClone(scenario.world);
  const callbacks = new Map<number, (data: unknown) => void>();
  const listeners = new Map<number, { event: string; handler: number }>();
  const calls: { command: string; args: unknown }[] = [];
  let next = 1;

  const cardOf = (id: string) => world.desk.contracts.find((card) => card.id === id);
  const unknown = { code: 'contract-unknown', stage: 'desk', remedy: 'none', detail: {} };
  function must<T>(value: T | undefined | null): T {
    if (value === undefined || value === null) throw unknown;
    return value;
  }

  function emit(payload: unknown, event = 'desk-event') {
    for (const [id, listener] of listeners) {
      if (listener.event === event) callbacks.get(listener.handler)?.({ event, id, payload });
    }
  }

  function apply(patch: Patch) {
    for (const [key, value] of Object.entries(patch)) {
      const name = key as keyof World;
      const old = world[name];
      (world as unknown as Record<string, unknown>)[name] =
        typeof old === 'object' && old !== null && !Array.isArray(old)
          ? { ...old, ...(value as object) }
          : value;
    }
  }

  async function play(happenings: Happening[]) {
    for (const { wait, patch, emit: event } of happenings) {
      await new Promise((done) => setTimeout(done, wait));
      if (patch) apply(patch);
      if (event) emit(event);
    }
  }

  function change(id: string, part: object) {
    const card = must(cardOf(id));
    Object.assign(card, part);
    for (const holder of [world.reviews[id], world.receipts[id]])
      if (holder) Object.assign(holder.card, part);
    emit({ event: 'changed', contract: id });
  }

  function set(change: { change: string } & Record<string, unknown>) {
    const s = world.settings as unknown as Record<string, unknown>;
    const simple: Record<string, [string, string]> = {
      language: ['language', 'language'],
      theme: ['theme', 'theme'],
      level: ['level', 'level'],
      'all-pages-must-be-seen': ['all_pages_must_be_seen', 'on'],
    };
    const known = simple[change.change];
    if (known) s[known[0]] = change[known[1]];
    if (change.change === 'remove-tsa') world.settings.tsas.splice(Number(change['index']), 1);
    if (change.change === 'add-tsa')
      world.settings.tsas.push({
        index: world.settings.tsas.length,
        url: String(change['url']),
        auth: 'none',
        practice: false,
      });
    if (change.change === 'use-module' || change.change === 'drop-module') {
      const module = world.settings.modules.find((one) => one.id === change['id']);
      if (module) module.configured = change.change === 'use-module';
    }
    if (change.change === 'remove-endpoint')
      world.settings.endpoints = world.settings.endpoints.filter((one) => one.name !== change['name']);
    if (change.change === 'remove-anchor')
      world.settings.anchors = world.settings.anchors.filter((one) => one.id !== change['id']);
    return world.settings;
  }

  const nothing = () => null;
  const commands: Record<string, (args: Args) => unknown> = {
    desk_view: () => world.desk,
    desk_add: () => [],
    desk_remove: ({ contract }) => {
      world.desk.contracts = world.desk.contracts.filter((card) => card.id !== contract);
      emit({ event: 'changed', contract: null });
      return null;
    },
    review_open: ({ contract }) => must(world.reviews[contract]),
    review_refresh: ({ contract }) => {
      const sheet = must(world.reviews[contract]);
      sheet.seen = [];
      change(contract, { source: 'unchanged' });
      return sheet;
    },
    review_seen: ({ contract, page }) => {
      const sheet = must(world.reviews[contract]);
      if (!sheet.seen.includes(page)) sheet.seen = [...sheet.seen, page].sort((a, b) => a - b);
      return null;
    },
    review_reject: ({ contract, reason }) => (
      change(contract, { state: 'rejected', rejected_because: reason }),
      null
    ),
    review_reopen: ({ contract }) => (change(contract, { state: 'to-review', rejected_because: null }), null),
    tokens_view: () => world.tokens,
    sign_options: ({ contract }) => must(world.options[contract]),
    sign_choose_output: ({ contract }) => must(world.options[contract]),
    sign_keep: ({ contract, draft }) => ((must(world.options[contract]).draft = draft), null),
    sign_preview: ({ choices }) => {
      const { contract, endpoint } = choices as { contract: string; endpoint: string | null };
      const chosen = world.options[contract]?.endpoints.find((one) => one.name === endpoint);
      return chosen
        ? {
            ...must(world.payloads[chosen.payload]),
            endpoint: chosen.name,
            kind: chosen.kind,
            host: chosen.host,
          }
        : null;
    },
    receipt_view: ({ contract }) => must(world.receipts[contract]),
    receipt_verify: () => must(Object.values(world.reports)[0]),
    verify_pick: () => Object.values(world.reports)[0] ?? null,
    verify_shown: ({ report }) => must(world.reports[report]),
    settings_view: () => world.settings,
    settings_change: ({ change: one }) => set(one),
    settings_add_anchor: () => world.settings,
    settings_add_module: () => world.settings,
    settings_probe_modules: () => world.settings,
    settings_probe_tsa: () => world.probe,
    settings_probe_endpoint: () => world.probe,
    settings_describe_evm: () => world.probe,
    about_view: () => world.about,
    practice_enter: () => ((world.desk.practice = true), (world.settings.practice = true), world.desk),
    practice_leave: () => ((world.desk.practice = false), (world.settings.practice = false), world.desk),
    practice_pin: () => world.practicePin,
    sign_start: nothing,
    work_cancel: nothing,
    receipt_submit: nothing,
    receipt_retry: nothing,
    receipt_open: nothing,
    receipt_show_folder: nothing,
    screen_shown: nothing,
    ui_ready: nothing,
    page_warning: nothing,
    'plugin:event|listen': ({ event, handler }) => {
      next += 1;
      listeners.set(next, { event, handler });
      return next;
    },
    'plugin:event|unlisten': ({ eventId }) => (listeners.delete(eventId), null),
    'plugin:event|emit': nothing,
  };

  async function invoke(command: string, args: Args = {} as Args): Promise<unknown> {
    if (!command.startsWith('plugin:')) calls.push({ command, args });
    const slow = scenario.slow[command];
    if (slow) await new Promise((done) => setTimeout(done, slow));
    else await Promise.resolve();
    const failure = scenario.fail[command];
    if (failure) throw structuredClone(failure);
    const answer = commands[command];
    if (!answer) {
      console.error(`the fake has no command ${command}`);
      throw new Error(`no command ${command}`);
    }
    const result = structuredClone(answer(args));
    const after = scenario.after[command];
    if (after) void play(after);
    return result;
  }

  Object.assign(window, {
    __TAURI_INTERNALS__: {
      invoke,
      metadata: { currentWindow: { label: 'main' }, currentWebview: { windowLabel: 'main', label: 'main' } },
      transformCallback(callback: (data: unknown) => void, once = false) {
        next += 1;
        const id = next;
        callbacks.set(id, (data) => {
          if (once) callbacks.delete(id);
          callback(data);
        });
        return id;
      },
      unregisterCallback: (id: number) => callbacks.delete(id),
      runCallback: (id: number, data: unknown) => callbacks.get(id)?.(data),
      convertFileSrc: (path: string, protocol = 'asset') =>
        `${location.origin}${documents}${protocol}/${path.split('/').map(encodeURIComponent).join('/')}`,
    },
    __TAURI_EVENT_PLUGIN_INTERNALS__: {
      unregisterListener: (_event: string, id: number) => listeners.delete(id),
    },
    // What a test may do and ask.
    fake: { world, calls, emit, apply },
  });
  // As the shell does it: nothing in the page may change what every object inherits.
  Object.freeze(Object.prototype);
}
