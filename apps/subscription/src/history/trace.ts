import {
  activationFailed,
  cancellationFailed,
  changeFailed,
  subscriptionCancellationRequested,
  subscriptionChangeRequested,
  subscriptionObserved,
  tenantProvisioned,
  tenantProvisioningFailed,
  type Message,
} from '@landfall/contracts';
import type { Outcome } from '@landfall/messaging';
import type { SubscriptionChange } from '../subscription/subscription';
import type { HistoryActor, Trace, Transition } from './transition';

/** What led to a decision, as far as its caller knows. */
export interface Trigger {
  readonly correlationId?: string | undefined;
  readonly causationId?: string | undefined;
  /** The message's type. */
  readonly type?: string;
  /** Why an operator acted: kept with every row of the act. No personal data. */
  readonly reason?: string;
}

type Who = Pick<Trace, 'actor' | 'onBehalfOf'>;

const who = (kind: HistoryActor['kind'], id?: string): HistoryActor => (id === undefined ? { kind } : { kind, id });

/** Who speaks in a message about a set-up, beside the customer, who began it. */
const speakers: Readonly<Record<string, HistoryActor['kind']>> = {
  [tenantProvisioned.type]: 'product',
  [tenantProvisioningFailed.type]: 'product',
  [activationFailed.type]: 'microsoft',
  [cancellationFailed.type]: 'microsoft',
  [changeFailed.type]: 'microsoft',
  [subscriptionObserved.type]: 'microsoft',
};

/** What the requester of a change brings about; what follows from the request is Microsoft's. */
const isAsked: ReadonlySet<string> = new Set([subscriptionChangeRequested.type, subscriptionCancellationRequested.type]);

/** Who brought a row of history about, and for whom: from its cause, and from the message where that says more. */
function whoActed({ cause, actorKind = 'operator', event, changes }: Transition, type: string | undefined): Who {
  const speaker = type === undefined ? undefined : speakers[type];
  if (event === 'operation-decided') {
    const isProduct = changes.some(({ field, to }) => field === 'operation.decidedBy' && to === 'product');
    return { actor: who(isProduct ? 'product' : 'rules'), onBehalfOf: null };
  }
  switch (cause.source) {
    case 'operator':
      if (cause.actor === undefined) return { actor: who(speaker ?? 'microsoft'), onBehalfOf: who('operator') };
      return { actor: who('operator', cause.actor), onBehalfOf: who('customer') };
    case 'request': {
      const requester = cause.actor === undefined ? null : who(actorKind, cause.actor);
      return requester && isAsked.has(event) ? { actor: requester, onBehalfOf: null } : { actor: who('microsoft'), onBehalfOf: requester };
    }
    case 'reconciliation':
      return { actor: who('reconciliation'), onBehalfOf: null };
    case 'deadline':
      return { actor: who('rules'), onBehalfOf: null };
    case 'landing':
      return speaker ? { actor: who(speaker), onBehalfOf: who('customer') } : { actor: who('customer', cause.actor), onBehalfOf: null };
    default:
      return { actor: who('microsoft'), onBehalfOf: null };
  }
}

/** A foreign id goes into the record only where it is plain text of bounded length. */
const plain = (id: string | undefined): string | null => (id !== undefined && /^[\x20-\x7e]{1,200}$/.test(id) ? id : null);

/** The trace of a row. */
export const traceOf = (transition: Transition, { type, correlationId, causationId }: Trigger): Trace => ({
  ...whoActed(transition, type),
  ...{ correlationId: plain(correlationId), causationId: plain(causationId) },
});

/** Gives the rows of history of a decision what led to it. Those of decisions before it have theirs. */
export function traced(trigger: Trigger, outcome: Outcome<SubscriptionChange>): Outcome<SubscriptionChange> {
  if (outcome.kind !== 'changed') return outcome;
  const { newTransitions } = outcome.state;
  if (newTransitions.every(({ trace }) => trace)) return outcome;
  const complete = newTransitions.map((transition) =>
    transition.trace
      ? transition
      : { ...transition, reason: transition.reason ?? trigger.reason ?? null, trace: traceOf(transition, trigger) },
  );
  return { ...outcome, state: { ...outcome.state, newTransitions: complete } };
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each decision has its own message and facts
type Decision = (current: SubscriptionChange | undefined, message: any, facts: any) => Outcome<SubscriptionChange>;
type Decisions = Readonly<Record<string, Decision>>;

/** A consumer's table of decisions, whose rows of history name the message behind them. */
export const inHistory = <Table extends Decisions>(table: Table): Table =>
  Object.fromEntries(
    Object.entries(table).map(([type, decide]) => [
      type,
      (current: SubscriptionChange | undefined, message: Message, facts: unknown) =>
        traced({ type, correlationId: message.correlationId, causationId: message.id }, decide(current, message, facts)),
    ]),
  ) as unknown as Table;
