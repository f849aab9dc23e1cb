import { SeededRandom } from '../storm/seeded.random';

/** Business hours from the beginning of a run. Runs begin at half past an hour, and what Microsoft does happens at the beginning of a step: no record is used near it. */
export type Hour = number;

export type MeterName = 'emails' | 'texts';

/** What Microsoft or the customer does to a subscription. */
export interface LifeAct {
  readonly step: number;
  readonly act: 'change-plan' | 'suspend' | 'reinstate' | 'unsubscribe';
  readonly planId?: string;
}

/** A record that a product sends. */
export interface PlannedRecord {
  readonly id: string;
  readonly meter: MeterName;
  /** Decimal text; negative: a correction. */
  readonly quantity: string;
  readonly at: Hour;
  /** The step at whose end it is sent. */
  readonly sentIn: number;
  /** Sent so often, with the same id. */
  readonly times: number;
}

/** One subscription: what is bought, what happens to it, and what is used of it. */
export interface Life {
  readonly kind: LifeKind;
  readonly order: Record<string, unknown>;
  /** Bought a month before the run, so that it renews on its second day. */
  readonly isRenewed: boolean;
  readonly acts: readonly LifeAct[];
  readonly records: readonly PlannedRecord[];
}

/** How a life differs from a plain one: monthly, 1,000 e-mails and 10 texts included, 0.01 and 0.08 each beyond that. */
export type LifeKind =
  | 'plain'
  | 'renewed'
  | 'renewed-private'
  | 'yearly'
  | 'private'
  | 'unlimited'
  | 'corrected'
  | 'suspended'
  | 'moved-there-and-back'
  | 'ended';

const kinds: readonly LifeKind[] = [
  ...(['renewed-private', 'renewed', 'private', 'suspended', 'ended'] as const),
  ...(['moved-there-and-back', 'corrected', 'yearly', 'unlimited', 'plain'] as const),
];

export interface RunScale {
  readonly subscriptions: number;
  /** Of `stepHours` each. */
  readonly steps: number;
  readonly stepHours: number;
  /** Steps in which Microsoft refuses all usage: nobody is sent anything that must not wait for their end. */
  readonly refusing: { readonly from: number; readonly to: number };
}

/** The lives of a run, from the seed alone. */
export function planLives(seed: number, scale: RunScale): readonly Life[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: scale.subscriptions }, (_, number) => lifeOf(kinds[number % kinds.length]!, number, random, scale));
}

function lifeOf(kind: LifeKind, number: number, random: SeededRandom, scale: RunScale): Life {
  const acts = actsOf(kind, random, scale);
  return {
    kind,
    order: orderOf(kind),
    isRenewed: kind.startsWith('renewed'),
    acts,
    records: recordsOf({ kind, number, random, scale, acts }),
  };
}

/** Prices of a private offer at which every number of cents is a number of units with 6 decimals: the sum of cents then does not depend on the hours they are sent in. */
export const privatePrice = '0.004';
export const privatelyIncluded = '20';

function orderOf(kind: LifeKind): Record<string, unknown> {
  const plain = { offerId: 'contoso-reach', planId: 'instant', termUnit: kind === 'yearly' ? 'P1Y' : 'P1M', autoActivate: true };
  if (kind === 'unlimited') return { ...plain, privateOffer: { meteredQuantityIncluded: [{ dimensionId: 'texts', units: 'unlimited' }] } };
  if (kind !== 'private' && kind !== 'renewed-private') return plain;
  const meteringDimensions = [{ id: 'emails', pricePerUnit: Number(privatePrice) }];
  return { ...plain, privateOffer: { meteringDimensions, meteredQuantityIncluded: [{ dimensionId: 'emails', units: privatelyIncluded }] } };
}

/** What ends or leaves a plan does so in time before Microsoft refuses anything, or after it: else usage is lost that no hour is open for. */
function actsOf(kind: LifeKind, random: SeededRandom, { steps, refusing }: RunScale): readonly LifeAct[] {
  const early = random.between(3, refusing.from - 2);
  switch (kind) {
    case 'ended':
      return [{ step: early, act: 'unsubscribe' }];
    case 'suspended':
      return [
        { step: early, act: 'suspend' },
        { step: early + random.between(3, 5), act: 'reinstate' },
      ];
    case 'moved-there-and-back':
      return [
        { step: early, act: 'change-plan', planId: 'plus' },
        { step: random.between(refusing.to + 1, steps - 2), act: 'change-plan', planId: 'instant' },
      ];
    default:
      return [];
  }
}

interface Usage {
  readonly kind: LifeKind;
  readonly number: number;
  readonly random: SeededRandom;
  readonly scale: RunScale;
  readonly acts: readonly LifeAct[];
}

/** Each hour's usage, in the minutes that are not near an act; of some kinds later, twice, or corrected. */
function recordsOf({ kind, number, random, scale, acts }: Usage): PlannedRecord[] {
  const { steps, stepHours } = scale;
  const end = acts.find(({ act }) => act === 'unsubscribe')?.step ?? Infinity;
  const hours = Array.from({ length: Math.min(steps, end) * stepHours }, (_, hour) => hour);
  return hours.flatMap((hour) => {
    const step = Math.floor(hour / stepHours);
    const record = (meter: MeterName, quantity: string, part: string): PlannedRecord => ({
      ...{ id: `${number}-${hour}-${part}`, meter, quantity },
      at: hour + random.pick([random.between(14, 28), random.between(32, 50)]) / 60, // 13 to 28 and 2 to 20 minutes past the hour
      sentIn: mayBeLate(kind, step, steps) && random.next() < 0.1 ? step + 1 : step,
      times: random.next() < 0.1 ? 2 : 1,
    });
    const corrected = kind === 'corrected' && step < steps - 3 && random.next() < 0.1;
    return [
      record('emails', emailsIn(kind, random), 'emails'),
      ...(random.next() < 0.3 ? [record('texts', String(random.between(1, 4)), 'texts')] : []),
      ...(corrected ? [record('emails', `-${random.between(1, 20)}`, 'correction')] : []),
    ];
  });
}

/** Late usage of what ends or leaves its plan may find no hour open. */
const mayBeLate = (kind: LifeKind, step: number, steps: number): boolean =>
  kind !== 'ended' && kind !== 'moved-there-and-back' && step < steps - 1;

function emailsIn(kind: LifeKind, random: SeededRandom): string {
  if (kind === 'yearly') return String(random.between(200, 700));
  if (kind === 'private' || kind === 'renewed-private') return (random.between(1, 120) / 4).toString();
  return String(random.between(20, 90));
}
