import { chanceOf, type Chance } from '../chance';
import { allFaults, type Faults } from '../microsoft/faults';
import { minute, second } from '../time';
import type { Act, Deed } from './act';
import { drawnAskings } from './asking';
import { drawnPublisher, type Publisher } from './publisher';
import { drawnPurchase } from './purchase';
import { drawnRules, type Rules } from './rules';

/** All that a run depends on: run again, it is the same run. */
export interface Scenario {
  readonly seed: number;
  readonly acts: readonly Act[];
  readonly faults: Faults;
  readonly begins: Beginning;
  readonly rules: Rules;
  readonly publisher: Publisher;
}

/**
 * How the subscription stands when a run begins. `set up`: it is used, and we know it. `unknown`: it is used, and the first webhook, or a sweep, imports it (rule 6). `sold`: its
 * customer has bought it a moment ago and comes to us, or does not.
 */
export type Beginning = 'set up' | 'unknown' | 'sold';

const unknownShare = 0.15;
/** Of those that are not unknown. */
const soldShare = 0.3;

/** How often each deed is drawn, of 1. */
const shares: readonly (readonly [Deed['kind'], number])[] = [
  ['ChangePlan', 0.25],
  ['ChangeQuantity', 0.17],
  ['Suspend', 0.16],
  ['Reinstate', 0.2],
  ['Renew', 0.08],
  ['ToggleAutoRenew', 0.04],
  ['ChangeBeneficiary', 0.03],
  ['Revert', 0.04],
  ['Unsubscribe', 0.03],
];

const plans = ['A', 'B', 'C'];
const quantities = [5, 8, 9];

/** Draws two to thirteen acts: in some runs within minutes of each other, in others within hours, in most of them mixed. */
export function drawnScenario(seed: number, faults: Faults = allFaults): Scenario {
  const chance = chanceOf(seed);
  const count = 2 + Math.floor(chance('acts') * 12);
  const density = chance('density');
  const acts: Act[] = [];
  const begins = drawnBeginning(chance);
  let atMs = minute + (begins === 'sold' ? chance('used after') * 30 * minute : 0);
  for (let number = 1; number <= count; number++) {
    atMs += gapMs(density, chance('gap', number));
    acts.push({ ...drawnDeed(chance('deed', number), chance('value', number)), atMs: Math.round(atMs), number });
  }
  const others = [...drawnAskings(chance, atMs), ...(begins === 'sold' ? drawnPurchase(chance) : [])];
  const all = [...acts, ...others].sort((one, other) => one.atMs - other.atMs);
  const publisher = drawnPublisher(chance, all.at(-1)?.atMs ?? 0, begins === 'unknown');
  return { seed, acts: all, faults: begins === 'unknown' ? wholeAnswers(faults) : faults, begins, rules: drawnRules(chance), publisher };
}

function drawnBeginning(chance: Chance): Beginning {
  if (chance('known') < unknownShare) return 'unknown';
  return chance('sold') < soldShare ? 'sold' : 'set up';
}

/** What the first answer leaves out is guessed until it is named: that is told to products, and is no matter of the order of reads. */
export const wholeAnswers = (faults: Faults): Faults => ({ ...faults, memberLeftOut: 0 });

function gapMs(density: number, length: number): number {
  if (density < 0.4) return length * 40 * second;
  if (density < 0.8) return length * (length < 0.7 ? 120 : 2_000) * second;
  return length * 1_200 * second;
}

function drawnDeed(share: number, value: number): Deed {
  const kind = kindAt(share);
  switch (kind) {
    case 'ChangePlan':
      return { kind, plan: plans[Math.floor(value * plans.length)]! };
    case 'ChangeQuantity':
      return { kind, quantity: quantities[Math.floor(value * quantities.length)]! };
    case 'Revert':
      return { kind, action: value < 0.5 ? 'ChangePlan' : 'ChangeQuantity' };
    default:
      return { kind };
  }
}

function kindAt(share: number): Deed['kind'] {
  let sum = 0;
  for (const [kind, part] of shares) {
    sum += part;
    if (share < sum) return kind;
  }
  return 'Unsubscribe';
}
