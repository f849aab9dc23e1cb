import { isoOf } from '../ledger/hours';
import type { Account, BilledHour, Bucket, Phase, Rated, Share, WriteOff } from '../ledger/ledger';
import { decimalOf, microsOf } from '../ledger/micros';

/** A row's quantities are decimal text, and its instants milliseconds. */
export interface AccountRow extends Pick<Account, 'planId' | 'meter' | 'term' | 'termUnit' | 'endDate'> {
  readonly subscriptionId: string;
  readonly countedBy: { readonly included: string; readonly tiers: readonly { dimension: string; upTo: string | null }[] } | null;
  readonly net: string;
  readonly opening: string;
  readonly shadowed: string;
  readonly phases: readonly PhaseRow[];
  readonly placed: Readonly<Record<string, string>>;
  readonly placedInShadow: Readonly<Record<string, string>>;
}

type PhaseRow = Omit<Phase, 'quantity'> & { readonly quantity: string };

export interface HourRow extends Omit<BilledHour, 'quantity' | 'shares' | 'origins' | 'confirmed'> {
  readonly subscriptionId: string;
  readonly quantity: string;
  readonly origins: readonly { readonly hour: number; readonly quantity: string }[] | null;
  readonly confirmed: string | null;
  readonly shares: readonly ShareRow[];
}

interface ShareRow {
  readonly term: string;
  readonly quantity: string;
}

export interface BucketRow {
  readonly subscriptionId: string;
  readonly meter: string;
  readonly hour: number;
  readonly quantity: string;
  readonly records: number;
  readonly isDirty: boolean;
  readonly rated: readonly RatedRow[];
}

type RatedRow = Omit<Rated, 'quantity'> & { readonly quantity: string };

export const accountOf = ({
  subscriptionId: _id,
  countedBy,
  net,
  opening,
  shadowed,
  phases,
  placed,
  placedInShadow,
  ...same
}: AccountRow): Account => ({
  ...{ ...same, net: microsOf(net), opening: microsOf(opening), shadowed: microsOf(shadowed) },
  phases: phases.map((phase) => ({ ...phase, quantity: microsOf(phase.quantity) })),
  ...{ placed: quantitiesOf(placed), placedInShadow: quantitiesOf(placedInShadow) },
  countedBy: countedBy && {
    included: microsOf(countedBy.included),
    tiers: countedBy.tiers.map(({ dimension, upTo }) => ({ dimension, upTo: upTo === null ? null : microsOf(upTo) })),
  },
});

export const accountRow = (
  subscriptionId: string,
  { countedBy, net, opening, shadowed, phases, placed, placedInShadow, ...same }: Account,
) => ({
  ...{ subscriptionId, ...same, net: decimalOf(net), opening: decimalOf(opening), shadowed: decimalOf(shadowed) },
  phases: JSON.stringify(phases.map((phase) => ({ ...phase, quantity: decimalOf(phase.quantity) }))),
  ...{ placed: quantitiesText(placed), placedInShadow: quantitiesText(placedInShadow) },
  countedBy:
    countedBy &&
    JSON.stringify({
      included: decimalOf(countedBy.included),
      tiers: countedBy.tiers.map(({ dimension, upTo }) => ({ dimension, upTo: upTo === null ? null : decimalOf(upTo) })),
    }),
});

const quantitiesOf = (byDimension: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(byDimension).map(([dimension, quantity]) => [dimension, microsOf(quantity)]));

const quantitiesText = (byDimension: Account['placed']): string =>
  JSON.stringify(Object.fromEntries(Object.entries(byDimension).map(([dimension, quantity]) => [dimension, decimalOf(quantity)])));

export const billedHourOf = ({ subscriptionId: _id, quantity, shares, origins, confirmed, ...same }: HourRow): BilledHour => ({
  ...{ ...same, quantity: microsOf(quantity), confirmed: confirmed === null ? null : microsOf(confirmed) },
  origins: origins && origins.map((origin) => ({ ...origin, quantity: microsOf(origin.quantity) })),
  shares: shares.map((share) => ({ ...share, quantity: microsOf(share.quantity) })),
});

export const hourRow = (
  subscriptionId: string,
  { quantity, shares, hour, effectiveStart, deadline, notBefore, origins, confirmed, ...same }: BilledHour,
) => ({
  origins: origins ? JSON.stringify(origins.map((origin) => ({ ...origin, quantity: decimalOf(origin.quantity) }))) : null,
  confirmed: confirmed === null || confirmed === undefined ? null : decimalOf(confirmed),
  ...{ subscriptionId, ...same, quantity: decimalOf(quantity), shares: sharesText(shares) },
  ...{ hour: isoOf(hour), effectiveStart: isoOf(effectiveStart), deadline: isoOf(deadline) },
  notBefore: notBefore === null ? null : isoOf(notBefore),
});

export const bucketOf = ({ meter, hour, quantity, rated }: Pick<BucketRow, 'meter' | 'hour' | 'quantity' | 'rated'>): Bucket => ({
  ...{ meter, hour, quantity: microsOf(quantity) },
  rated: rated.map((part) => ({ ...part, quantity: microsOf(part.quantity) }) as Rated),
});

export const ratedText = (rated: readonly Rated[]): string =>
  JSON.stringify(rated.map((part) => ({ ...part, quantity: decimalOf(part.quantity) })));

export const writeOffRow = (subscriptionId: string, { quantity, shares, ...same }: WriteOff) => ({
  ...{ subscriptionId, ...same, quantity: decimalOf(quantity), shares: sharesText(shares) },
});

const sharesText = (shares: readonly Share[]): string =>
  JSON.stringify(shares.map((share) => ({ ...share, quantity: decimalOf(share.quantity) })));
