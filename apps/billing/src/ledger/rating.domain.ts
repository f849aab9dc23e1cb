import { endOf, type Hour, type Instant } from './hours';
import type { BillingMode, NotReportable, Rated } from './ledger';
import { sumOf, type Micros } from './micros';
import { phaseOf } from './mode.domain';
import { segmentAt, segmentsIn, termIn, type Segment, type Timeline } from './timeline';

/** One record, or several that are rated alike. */
export interface Used {
  readonly at: Instant;
  readonly quantity: Micros;
}

/** The parts of an hour in which usage is rated alike, by their beginnings. Of one that has a single part, the sum of the hour is enough. */
export const partsOf = (timeline: Timeline, hour: Hour): readonly Instant[] => [
  hour,
  ...segmentsIn(timeline, hour).flatMap(({ from }) => (from > hour ? [from] : [])),
];

/** Rates what was used in one hour: each record, or the sum of each of its parts as used at its beginning, in the plan and the term of that time. */
export function rate(timeline: Timeline, hour: Hour, used: readonly Used[], modes: readonly BillingMode[]): readonly Rated[] {
  const parts = new Map<string, Rated[]>();
  for (const one of used) {
    const rated = rateOne(timeline, hour, one, modes);
    const alike = JSON.stringify({ ...rated, quantity: null });
    parts.set(alike, [...(parts.get(alike) ?? []), rated]);
  }
  return [...parts.values()].map((alike) => ({ ...alike[0]!, quantity: sumOf(alike.map(({ quantity }) => quantity)) }));
}

function rateOne(timeline: Timeline, hour: Hour, { at, quantity }: Used, modes: readonly BillingMode[]): Rated {
  const segment = segmentAt(timeline, at);
  const reason = whyNotReportable(segment);
  if (reason) return { kind: 'not-reportable', planId: segment?.planId ?? null, reason, quantity };
  const term = termIn(timeline, at);
  if (!term) return { kind: 'unrated', quantity };
  const { planId } = segment!;
  const billedIn = ownerOf(timeline, hour) === planId ? hour : endOf(hour);
  const { isShadowed, from } = phaseOf(modes, hour, billedIn);
  return {
    kind: 'counted',
    planId,
    term: term.startDate,
    billedIn,
    ...(isShadowed && { isShadowed }),
    ...(from > 0 && { since: from }),
    quantity,
  };
}

function whyNotReportable(segment: Segment | null): NotReportable | null {
  switch (segment?.status) {
    case 'Subscribed':
      return segment.isFreeTrial ? 'free-trial' : null;
    case 'Suspended':
      return 'suspended';
    case 'Unsubscribed':
      return 'ended';
    default:
      return 'before-activation';
  }
}

const isReportable = (segment: Segment | null): segment is Segment => segment !== null && whyNotReportable(segment) === null;

/**
 * The plan under which an hour is reported, null: none. Where plans follow each other in it, that is the one that held when it began, so that never two events have one key;
 * the new plan's usage joins the next hour. Only where that one holds when the next hour begins, too, it is the plan that has no other hour.
 */
export function ownerOf(timeline: Timeline, hour: Hour): string | null {
  const plans = [
    ...new Set(
      segmentsIn(timeline, hour)
        .filter(isReportable)
        .map(({ planId }) => planId),
    ),
  ];
  const [first, other] = plans;
  if (first === undefined || other === undefined) return first ?? null;
  const next = segmentAt(timeline, endOf(hour));
  return isReportable(next) && next.planId === first ? other : first;
}

/** When the event of an hour begins: with the hour, or with what of it can be reported. */
export function effectiveStartOf(timeline: Timeline, hour: Hour): Instant {
  const owner = ownerOf(timeline, hour);
  const first = segmentsIn(timeline, hour).find((segment) => isReportable(segment) && segment.planId === owner);
  return Math.max(hour, first?.from ?? hour);
}
