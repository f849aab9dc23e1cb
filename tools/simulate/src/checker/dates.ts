import type { PublicEvent } from '../landfall/services';
import type { Operation } from '../microsoft/operation';
import type { Run } from '../run';
import { instantOf, msOf } from '../time';
import { seconds } from './flaps';
import type { Violation } from './violation';

const graceMs = 30 * 86_400_000;

/**
 * A suspension has its date where Microsoft told it: where the webhook of its operation came. The end of the grace is thirty days after it, and is told in any
 * case (rule 13). Judged at rest, since an explanation may come later than what it explains.
 */
export function dates({ scenario, history, events, record, operations }: Run): Violation[] {
  const suspension = history.findLast(({ changed }) => 'status' in changed);
  if (suspension?.changed.status !== 'Suspended' || record.status !== 'Suspended') return [];
  const dated = datesOf(events);
  const violations: Violation[] = [];
  const isTakenOver = scenario.begins === 'unknown' && !events.some(({ name }) => name === 'suspended'); // it was suspended before we knew it
  if (dated.graceEndsAt === null && !isTakenOver)
    violations.push({ kind: 'date-missing', about: 'graceEndsAt', explanation: 'no end of the grace is told' });
  const operation = suspension.operation!;
  if (operation.firstDeliveredAtMs === null) return violations;
  const found = [...violations, ...effectiveAtOf(dated, operation), ...graceOf(dated, operation)];
  return isAmbiguous(operation, operations) ? found.map((one) => ({ ...one, kind: 'date-ambiguous' })) : found;
}

/**
 * The webhook of a Reinstate that began later came first, and that Reinstate has not been done: whoever then learns of the suspension can't tell it from one that is over, and the
 * present one from another that nobody announced.
 */
const isAmbiguous = ({ beganAtMs, firstDeliveredAtMs }: Operation, operations: readonly Operation[]): boolean =>
  operations.some(
    (other) =>
      other.action === 'Reinstate' &&
      other.beganAtMs > beganAtMs &&
      other.firstDeliveredAtMs !== null &&
      other.firstDeliveredAtMs < firstDeliveredAtMs!,
  );

interface Dated {
  readonly effectiveAt: string | null;
  readonly graceEndsAt: string | null;
}

/** What products know of the suspension that is now: from its event, or from what was explained later. */
function datesOf(events: readonly PublicEvent[]): Dated {
  const begin = events.findLastIndex(({ name }) => name === 'suspended');
  return events
    .slice(Math.max(begin, 0))
    .filter(({ name, state }) => name === 'suspended' || state.graceEndsAt)
    .reduce<Dated>((_, { state }) => ({ effectiveAt: state.effectiveAt, graceEndsAt: state.graceEndsAt ?? null }), {
      effectiveAt: null,
      graceEndsAt: null,
    });
}

function effectiveAtOf({ effectiveAt }: Dated, { beganAtMs }: Operation): Violation[] {
  const explanation = `suspended at ${instantOf(beganAtMs)} (${seconds(beganAtMs)} s), told ${effectiveAt ?? 'nothing'}`;
  if (effectiveAt === null) return [{ kind: 'date-missing', about: 'effectiveAt', explanation }];
  return msOf(effectiveAt) === beganAtMs ? [] : [{ kind: 'date-wrong', about: 'effectiveAt', explanation }];
}

function graceOf({ graceEndsAt }: Dated, { beganAtMs }: Operation): Violation[] {
  if (graceEndsAt === null || msOf(graceEndsAt) === beganAtMs + graceMs) return [];
  return [{ kind: 'date-wrong', about: 'graceEndsAt', explanation: `told ${graceEndsAt} for a suspension of ${instantOf(beganAtMs)}` }];
}
