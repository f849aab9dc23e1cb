import { isOpen, operationKey, type Operation } from '../operation/operation';
import type { Subscription } from '../subscription/record';
import { changesOf, standingOf, type FieldChange, type PrivateEvent, type Transition } from './transition';

/** What a decision was given, and what it made of it. */
interface Decided {
  readonly subscription: Subscription;
  readonly operations: readonly Operation[];
  readonly changedOperations: readonly string[];
  readonly newTransitions: readonly Transition[];
  readonly decidedFrom: { readonly subscription: Subscription; readonly operations: readonly Operation[]; readonly transitions: number };
}

/** What only says how the record is kept: versions, reads and what members stand on. `access` follows from status and stage, the end of grace from since when it is suspended. */
const bookkeeping: ReadonlySet<keyof Subscription> = new Set<keyof Subscription>([
  'version',
  'sequence',
  'access',
  'isActivated',
  'asOf',
  'firstReadNo',
  'firstReadDate',
  'lastSubscribedDate',
  'members',
  'cancellationRequestId',
  'graceEndsAt',
  'passedMilestones',
  'orderedReads',
]);

/** What of an operation belongs to history. */
const told = ['status', 'verdict', 'decidedBy', 'hadNoEffect'] as const satisfies (keyof Operation)[];

/** What it asks for: told beside those, and no entry of its own. */
const asked = ['planId', 'quantity', 'isRevert'] as const satisfies (keyof Operation)[];

/**
 * What a decision changed and no public event of it tells: verdicts, operations that began or ended without an effect, a reason that replaced another. Found
 * by comparing what the decision was given with what it made, so that no decision has to name it.
 */
export function untoldOf(change: Decided): Transition[] {
  const { decidedFrom, newTransitions } = change;
  const published = newTransitions.slice(decidedFrom.transitions);
  return [...untoldFields(change, published), ...untoldOperations(change, published)];
}

function untoldFields(change: Decided, published: readonly Transition[]): Transition[] {
  const { decidedFrom, subscription } = change;
  const before = decidedFrom.subscription;
  if (before === subscription) return [];
  const named = new Set<string>(published.flatMap(({ changes }) => changes.map(({ field }) => field)));
  const fields = (Object.keys(subscription) as (keyof Subscription)[]).filter((field) => !bookkeeping.has(field) && !named.has(field));
  const changes = changesOf(before, subscription, fields);
  if (changes.length === 0) return [];
  const reason = changes.some(({ field }) => field === 'failureReason') ? subscription.failureReason : null;
  return [{ ...privateOf(change, 'record-changed', changes), cause: { source: 'landing' }, reason }];
}

function untoldOperations(change: Decided, published: readonly Transition[]): Transition[] {
  const { changedOperations, decidedFrom, operations } = change;
  if (changedOperations.length === 0 || decidedFrom.operations === operations) return [];
  const before = new Map(decidedFrom.operations.map((operation) => [operationKey(operation), operation]));
  return operations.flatMap((operation) => {
    const known = before.get(operationKey(operation));
    if (known === operation || !changedOperations.includes(operationKey(operation))) return [];
    const { operationId, action, source, reason, timeStamp, seenOpenAt } = operation;
    if (published.some((transition) => transition.operationId === operationId && transition.action === action)) return [];
    const fields = (names: readonly Field[]) => changesOf<Pick<Operation, Field>>(known ?? unheardOf, operation, names);
    if (fields(told).length === 0) return [];
    const changes = fields([...told, ...asked]);
    return [
      {
        ...privateOf(change, eventOf(known, operation), changes.map(ofOperation)),
        cause: { source: source === 'Partner' ? ('request' as const) : ('webhook' as const), operationId },
        ...{ operationId, action, reason, observedAt: seenOpenAt ?? timeStamp ?? change.subscription.asOf },
      },
    ];
  });
}

type Field = (typeof told)[number] | (typeof asked)[number];

const unheardOf: Pick<Operation, Field> = {
  ...{ status: null as never, verdict: null, decidedBy: null, hadNoEffect: false },
  ...{ planId: null, quantity: null, isRevert: false },
};

const ofOperation = (change: FieldChange): FieldChange => ({ ...change, field: `operation.${change.field}` });

function eventOf(known: Operation | undefined, operation: Operation): PrivateEvent {
  if (operation.status === 'Announced') return 'operation-announced';
  if (!isOpen(operation)) return known?.status === operation.status ? 'operation-without-effect' : 'operation-ended';
  return operation.verdict !== null && operation.verdict !== known?.verdict ? 'operation-decided' : 'operation-begun';
}

function privateOf({ subscription }: Decided, event: PrivateEvent, changes: readonly FieldChange[]): Omit<Transition, 'cause'> {
  const standing = standingOf(subscription);
  return {
    ...{ version: subscription.version, sequence: null, event, operationId: null, action: null, reason: null, changes },
    ...{ from: standing, to: standing, effectiveAt: null, observedAt: subscription.asOf },
  };
}
