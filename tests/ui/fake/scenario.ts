// What a faked program knows and does. Not its business: how the page reaches it (install.ts), which cases there are (scenarios/).
import type {
  AboutView,
  DeskEvent,
  DeskView,
  FaultShown,
  PayloadView,
  Probe,
  Receipt,
  ReviewSheet,
  SettingsView,
  SignOptions,
  TokensView,
  VerifyView,
} from '../../../ui/src/lib/bindings';

/** Everything behind the commands. Plain data: it crosses into the page as JSON. */
export interface World {
  desk: DeskView;
  /** By contract. */
  reviews: Record<string, ReviewSheet>;
  options: Record<string, SignOptions>;
  receipts: Record<string, Receipt>;
  /** What a preview answers, by the payload mode of the chosen endpoint. */
  payloads: Record<string, PayloadView>;
  tokens: TokensView;
  /** By report. */
  reports: Record<string, VerifyView>;
  settings: SettingsView;
  about: AboutView;
  probe: Probe;
  practicePin: string | null;
}

/** One thing that happens by itself after a command, in order. */
export interface Happening {
  /** Milliseconds after the one before. */
  wait: number;
  /** Parts of the world that are other then. */
  patch?: Patch;
  emit?: DeskEvent;
}

/** Whole values put in place of others: `receipts` and the like are merged by key. */
export type Patch = { [K in keyof World]?: Partial<World[K]> };

/** A state of the program that can be looked at. */
export interface Scenario {
  name: string;
  /** One line for people. */
  about: string;
  /** The screen it is made for; `open` walks there. */
  screen: 'desk' | 'review' | 'sign' | 'receipt' | 'verify' | 'settings' | 'about';
  /** The contract that is opened, on screens that have one. */
  contract?: string;
  /** The report that is shown, on Verify. */
  report?: string;
  /** What is pressed to get there: a selector. */
  press?: string;
  world: World;
  /** Commands that fail. */
  fail: Record<string, FaultShown>;
  /** Commands that take their time, in milliseconds. */
  slow: Record<string, number>;
  /** What follows a command. */
  after: Record<string, Happening[]>;
}
