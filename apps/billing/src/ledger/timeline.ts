import type { DataOf, Status, subscriptionSnapshot } from '@landfall/contracts';
import { DAY_MS, endOf, type Hour, type Instant } from './hours';
import { endOfTerm, startOfTerm, termAt, termOf, type CountedTerm, type TermFound } from './term';

type SubscriptionState = DataOf<typeof subscriptionSnapshot>;

/** What one version of a subscription's record says of how usage is rated. */
export interface Fact {
  /** Of the record: facts may be learnt in any order, and each counts once. */
  readonly version: number;
  /** When it became true at Microsoft, as far as it is known. */
  readonly at: Instant;
  readonly status: Status;
  readonly planId: string;
  readonly isFreeTrial: boolean;
  readonly term: CountedTerm | null;
  /** It was taken over as it stood, and was so before. */
  readonly isTakenOver: boolean;
  /** It says since when its suspension, or its end, is true. */
  readonly isExplanation: boolean;
  /** Of the message that told it; absent: 1. A restored database gives the versions again that it has forgotten. */
  readonly epoch?: number;
}

/** A part of a subscription's life in which usage is rated alike. It ends where the next one begins. */
export interface Segment {
  readonly from: Instant;
  readonly status: Status;
  readonly planId: string;
  readonly isFreeTrial: boolean;
}

/** The life of a subscription as usage is rated by: its segments in their order, and the terms that Microsoft has shown. */
export interface Timeline {
  readonly segments: readonly Segment[];
  readonly terms: readonly CountedTerm[];
}

/** Facts are kept so long behind the newest: nothing older is rated any more. */
const KEPT_MS = 60 * DAY_MS;

/**
 * The plan and the activation begin at the later end of the interval in which they were seen to begin, and what takes access away at the earlier one: nothing is
 * charged that may have been used outside.
 */
export function factOf(type: string, data: SubscriptionState & { readonly graceEndsAt?: string }, epoch = 1): Fact {
  const { version, status, planId, isFreeTrial, term, effectiveAt, effectiveBetween, observedAt } = data;
  const takesAway = status === 'Suspended' || status === 'Unsubscribed';
  const at = effectiveAt ?? (takesAway ? effectiveBetween?.from : effectiveBetween?.to) ?? observedAt;
  return {
    ...{ version, status, planId, isFreeTrial, at: Date.parse(at), term: term && termOf(term) },
    isTakenOver: type.endsWith('.snapshot.v1') || (data.imported && data.cause.source === 'reconciliation'),
    isExplanation: type.endsWith('.updated.v1') && effectiveAt !== null && explainsStatus(data),
    ...(epoch > 1 && { epoch }),
  };
}

/**
 * Only suspensions, ends and renewals are ever dated by what explains them: for any other action Microsoft's time is that of the request. So what explains a record that is Subscribed is about
 * its term, and says nothing of when its plan began; and so does what explains a suspended one without the end of its grace.
 */
const explainsStatus = ({ status, graceEndsAt }: Pick<SubscriptionState, 'status'> & { readonly graceEndsAt?: string }): boolean =>
  status === 'Unsubscribed' || (status === 'Suspended' && graceEndsAt !== undefined);

/** With one more fact, by version; it takes the place of what was known of its version. */
export const withFact = (facts: readonly Fact[], fact: Fact): readonly Fact[] =>
  [...facts.filter(({ version }) => version !== fact.version), fact].sort((one, other) => one.version - other.version);

/**
 * Whether it takes the place of what is known of its version. An event says more of it than the snapshot that is published with it, which comes by another topic and may be read first. Where they
 * contradict each other, a database was restored and has forgotten one of them: the higher epoch holds (rule 12).
 */
export function saysMore(fact: Fact, known: Fact): boolean {
  const [epoch, before] = [fact.epoch ?? 1, known.epoch ?? 1];
  if (epoch !== before && contentOf(fact) !== contentOf(known)) return epoch > before;
  return (known.isTakenOver && !fact.isTakenOver) || (fact.isExplanation && !known.isExplanation);
}

const contentOf = ({ status, planId, isFreeTrial, term }: Fact): string =>
  JSON.stringify([status, planId, isFreeTrial, term?.termUnit, term?.startDate, term?.endDate]);

/** What is so old that nothing is rated by it any more is left out, but for what held then. */
export function remembered(facts: readonly Fact[]): readonly Fact[] {
  const keptFrom = facts.at(-1)!.at - KEPT_MS;
  return facts.slice(
    Math.max(
      0,
      facts.findLastIndex(({ at }) => at < keptFrom),
    ),
  );
}

export function timelineOf(facts: readonly Fact[]): Timeline {
  const terms = new Map<string, CountedTerm>();
  const segments: Segment[] = [];
  for (const fact of facts) {
    if (fact.term) terms.set(fact.term.startDate, fact.term);
    extend(segments, fact);
  }
  const known = [...terms.values()].sort((one, other) => startOfTerm(one) - startOfTerm(other));
  return { segments: beganBefore(segments, facts[0], known[0]), terms: known };
}

function extend(segments: Segment[], { at, status, planId, isFreeTrial, isExplanation }: Fact): void {
  const last = segments.at(-1);
  const isSame = last?.status === status && last.planId === planId && last.isFreeTrial === isFreeTrial;
  const before = segments.at(-2)?.from ?? -Infinity;
  if (last && isSame) {
    if (isExplanation && at > before) segments.splice(-1, 1, { ...last, from: at });
    return;
  }
  const from = Math.max(at, last?.from ?? -Infinity);
  if (last?.from === from) segments.pop();
  segments.push({ from, status, planId, isFreeTrial });
}

/** What was taken over as Subscribed was so since its term began. */
function beganBefore(segments: readonly Segment[], first: Fact | undefined, term: CountedTerm | undefined): readonly Segment[] {
  const [segment, ...later] = segments;
  if (!segment || !first?.isTakenOver || !term || segment.status !== 'Subscribed') return segments;
  return [{ ...segment, from: Math.min(segment.from, startOfTerm(term)) }, ...later];
}

/** Null before anything is known of it. */
export const segmentAt = ({ segments }: Timeline, instant: Instant): Segment | null =>
  segments.findLast(({ from }) => from <= instant) ?? null;

/** The segments that reach into an hour, in their order. */
export function segmentsIn({ segments }: Timeline, hour: Hour): readonly Segment[] {
  return segments.filter(({ from }, place) => from < endOf(hour) && (segments[place + 1]?.from ?? Infinity) > hour);
}

export const currentOf = ({ segments }: Timeline): Segment | null => segments.at(-1) ?? null;

/** When it ended for ever; null while it has not (rule 3). */
export const endedAt = (timeline: Timeline): Instant | null => {
  const last = currentOf(timeline);
  return last?.status === 'Unsubscribed' ? last.from : null;
};

export const termIn = ({ terms }: Timeline, instant: Instant): TermFound | null => termAt(terms, instant);

/** The end of the last term that Microsoft has shown: what was used after it is counted in one that it has not shown yet. */
export const confirmedUntil = ({ terms }: Timeline): Instant => {
  const last = terms.at(-1);
  return last ? endOfTerm(last) : -Infinity;
};

/** The first instant that is rated otherwise than before; null: none is. */
export function changedFrom(before: Timeline, after: Timeline): Instant | null {
  const segment = firstDifference(before.segments, after.segments);
  const term = firstDifference(before.terms, after.terms);
  const isFirst = before.terms[0]?.startDate !== after.terms[0]?.startDate; // what was used before the first term counts in that one
  const instants = [...segment.map(({ from }) => from), ...(isFirst ? [-Infinity] : term.map(startOfTerm))];
  return instants.length > 0 ? Math.min(...instants) : null;
}

/** The first of both that differ, at the same place. */
function firstDifference<T>(before: readonly T[], after: readonly T[]): readonly T[] {
  const length = Math.max(before.length, after.length);
  for (let place = 0; place < length; place += 1) {
    const [one, other] = [before[place], after[place]];
    if (JSON.stringify(one) !== JSON.stringify(other)) return [one, other].filter((each) => each !== undefined);
  }
  return [];
}
