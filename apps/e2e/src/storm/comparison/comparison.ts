import { decisionOf, refusalsOf, repeatedOf } from './decisions';
import { provisionedOf } from './provisioned';
import { requestsOf } from './requests';
import type { AnnouncedEvent, Difference, Members, MicrosoftSide, OurSide } from './sides';
import { changedMembers, effectiveMs, firstOutOfOrder, memberHistories, type MicrosoftOperation, type Value } from './member.history';

const graceMs = 30 * 24 * 60 * 60_000;

/** Where what we announced differs from Microsoft's truth, member by member and in the order of events. Empty: nowhere. */
export function differencesOf(microsoft: MicrosoftSide, ours: OurSide): Difference[] {
  const events = onceEach(ours.events);
  const last = events.at(-1);
  return [
    ...atRest('the last event', microsoft.members, last?.members ?? null),
    ...atRest('the snapshot', microsoft.members, ours.snapshot),
    ...atRest('the record', microsoft.members, ours.record),
    ...foldOf(ours),
    ...sequenceOf(events),
    ...takenBack(microsoft, events),
    ...datesOf(microsoft, events),
    ...refusalsOf(microsoft, events),
    ...decisionOf(microsoft, events),
    ...repeatedOf(events),
    ...requestsOf(microsoft, events, ours.requests),
    ...provisionedOf(ours.product, events, ours.record),
  ];
}

/** As a product sees them, which drops an id that it has seen. */
function onceEach(events: readonly AnnouncedEvent[]): AnnouncedEvent[] {
  const seen = new Set<string>();
  return events.filter(({ id }) => !seen.has(id) && seen.add(id));
}

function atRest(where: string, truth: Members, said: Members | null): Difference[] {
  if (!said) return [{ kind: 'differs at rest', detail: `${where} is not there` }];
  return Object.entries(truth)
    .filter(([member, value]) => said[member] !== value)
    .map(([member, value]) => ({
      kind: 'differs at rest',
      detail: `${where} has ${member} ${said[member] ?? null}, Microsoft ${value}`,
    }));
}

/** Who folds the public topic has the record, member for member. */
const foldOf = ({ folded, kept }: OurSide): Difference[] =>
  Object.entries(kept ?? {})
    .filter(([name, value]) => folded?.[name] !== value)
    .map(([name, value]) => ({
      kind: 'not in the fold',
      detail: `the record has ${name} ${value}, the newest public event ${folded?.[name] ?? 'is not there'}`,
    }));

function sequenceOf(events: readonly AnnouncedEvent[]): Difference[] {
  const wrong = events.findIndex(({ sequence }, index) => sequence !== index + 1);
  if (wrong === -1) return [];
  const { kind, sequence } = events[wrong]!;
  return [{ kind: 'out of sequence', detail: `event ${wrong + 1} of the topic, ${kind}, has sequence ${sequence}` }];
}

/**
 * A member's public values must be found in Microsoft's own history of that member, in the same order: values may be left out, for nobody sees all; one that
 * comes again after Microsoft had left it for good is one that was taken back.
 */
function takenBack({ bought, operations }: MicrosoftSide, events: readonly AnnouncedEvent[]): Difference[] {
  const histories = memberHistories(bought, operations);
  return changedMembers.flatMap((member) => {
    const announced = events.map(({ members, operationId }) => ({ value: members[member] as Value, operationId }));
    const wrong = firstOutOfOrder(announced, histories[member]);
    if (wrong === undefined) return [];
    const { kind, sequence } = events[wrong]!;
    const values = histories[member].map(({ value }) => value).join(', ');
    const before = announced
      .slice(0, wrong)
      .map(({ value }) => value)
      .filter((value, index, all) => index === 0 || value !== all[index - 1]);
    return [
      {
        kind: 'took back what was true' as const,
        detail: `${kind} #${sequence} says ${member} ${announced[wrong]!.value} after ${before.join(', ')}; at Microsoft it was ${values}`,
      },
    ];
  });
}

/** Each suspension has its dates, at the latest by an `updated` before its end; those that are told are Microsoft's. */
function datesOf({ operations, learntWithinMs }: MicrosoftSide, events: readonly AnnouncedEvent[]): Difference[] {
  const suspends = operations
    .filter(({ action, status }) => action === 'Suspend' && status === 'Succeeded')
    .map((one) => ({ ...one, isTold: wasTold(one, operations, learntWithinMs) }));
  return events.flatMap((event, index) => {
    if (event.kind !== 'suspended') return [];
    const end = events.findIndex((later, at) => at > index && later.members['status'] !== 'Suspended');
    const episode = events.slice(index, end === -1 ? undefined : end);
    const label = `suspended #${event.sequence}`;
    if (event.graceEndsAt === null && episode.every(({ graceEndsAt }) => graceEndsAt === null))
      return [undated(`${label} has no graceEndsAt, and nothing that follows tells it`)];
    return [...effectiveAtOf(label, event, episode, suspends), ...graceOf(label, episode)];
  });
}

function effectiveAtOf(
  label: string,
  event: AnnouncedEvent,
  episode: readonly AnnouncedEvent[],
  suspends: readonly (MicrosoftOperation & { isTold: boolean })[],
): Difference[] {
  const dated = episode.filter(({ kind, effectiveAt }) => effectiveAt !== null && (kind === 'suspended' || kind === 'updated'));
  const untrue = episode.filter(
    ({ kind, effectiveAt }) => kind === 'suspended' && effectiveAt !== null && !suspends.some((one) => isSame(one.timeStamp, effectiveAt)),
  );
  if (untrue.length > 0)
    return [{ kind: 'untrue date', detail: `${label} has effectiveAt ${untrue[0]!.effectiveAt}, and no Suspend of Microsoft's has that` }];
  if (dated.length > 0) return [];
  const between = event.effectiveBetween;
  if (!between) return [undated(`${label} has neither effectiveAt nor effectiveBetween`)];
  const told = suspends.filter((one) => one.isTold && isWithin(effectiveMs(one), between));
  return told.length > 0 ? [undated(`${label} has no effectiveAt, although Microsoft showed ${told.map(({ id }) => id).join(', ')}`)] : [];
}

/** Microsoft showed it, and its webhook came long enough before the suspension was over: what comes later has nothing to date any more. */
function wasTold(
  { isHidden, receivedAt, timeStamp }: MicrosoftOperation,
  operations: readonly MicrosoftOperation[],
  learntWithinMs: number,
) {
  if (isHidden || receivedAt === null) return false;
  const ends = operations
    .filter(({ action }) => action === 'Reinstate' || action === 'Unsubscribe')
    .map((one) => Date.parse(one.timeStamp));
  const endMs = Math.min(...ends.filter((ms) => ms > Date.parse(timeStamp)));
  return Date.parse(receivedAt) + learntWithinMs < endMs;
}

/** Thirty days, counted from the date that is told. */
function graceOf(label: string, episode: readonly AnnouncedEvent[]): Difference[] {
  const wrong = episode.find(
    ({ kind, effectiveAt, graceEndsAt }) =>
      kind === 'suspended' && effectiveAt !== null && graceEndsAt !== null && Date.parse(graceEndsAt) - Date.parse(effectiveAt) !== graceMs,
  );
  return wrong
    ? [{ kind: 'untrue date', detail: `${label} has graceEndsAt ${wrong.graceEndsAt} for effectiveAt ${wrong.effectiveAt}` }]
    : [];
}

const undated = (detail: string): Difference => ({ kind: 'suspended without a date', detail });

const isSame = (one: string, other: string): boolean => Date.parse(one) === Date.parse(other);

/** Microsoft's machines differ by up to five seconds. */
const toleranceMs = 5_000;

function isWithin(ms: number, { from, to }: { from: string; to: string }): boolean {
  return ms >= Date.parse(from) - toleranceMs && ms <= Date.parse(to) + toleranceMs;
}
