// Every scenario by name.
import type { Scenario } from '../scenario';
import { desk } from './desk';
import { receipts } from './receipt';
import { review } from './review';
import { settings } from './settings';
import { sign } from './sign';
import { verify } from './verify';

export const SCENARIOS: readonly Scenario[] = [
  ...desk,
  ...review,
  ...sign,
  ...receipts,
  ...verify,
  ...settings,
];

export function scenarioOf(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (!found)
    throw new Error(`no scenario ${name}; there are: ${SCENARIOS.map((one) => one.name).join(', ')}`);
  return found;
}
