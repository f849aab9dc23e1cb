import { isPending } from '@landfall/contracts';
import type { TransitionView } from './history.view';

type Told = Pick<TransitionView, 'event' | 'actor' | 'onBehalfOf' | 'action' | 'reason' | 'from' | 'to' | 'changes' | 'cause'>;

const names: Readonly<Record<Told['actor']['kind'], string>> = {
  microsoft: 'Microsoft',
  customer: 'The customer',
  operator: 'An operator',
  product: 'The product',
  reconciliation: 'The reconciliation',
  rules: 'Our rules',
};

/** What happened by the short name of the event, after the name of who did it. Those that are not here are told by what changed. */
const deeds: Readonly<Record<string, (told: Told) => string>> = {
  purchased: ({ to }) => `brought the purchase of ${bought(to)}, which Microsoft shows as ${to.status}`,
  confirmed: () => 'confirmed the purchase',
  provisioned: () => 'has the tenant ready',
  activated: ({ to }) => `gave access for the first time (${to.status})`,
  'plan-changed': ({ from, to }) => `changed the plan from ${from.planId} to ${to.planId}`,
  'quantity-changed': ({ from, to }) => `changed the seats from ${from.quantity ?? 'none'} to ${to.quantity ?? 'none'}`,
  renewed: () => 'renewed the term',
  suspended: () => 'suspended the subscription',
  reinstated: () => 'reinstated the subscription',
  unsubscribed: () => 'ended the subscription',
  'change-refused': ({ action }) => `ended ${action ?? 'a change'} as we had refused it`,
  'change-requested': (told) => `requested ${requestedIn(told)}, and Microsoft is asked for it`,
  'change-failed': (told) => `did not give ${requestedIn(told)} that was requested`,
  'cancellation-requested': ({ to }) =>
    isPending(to.status)
      ? 'rejected the purchase, and Microsoft is asked to cancel it'
      : 'requested a cancellation, and Microsoft is asked for it',
  'cancellation-failed': ({ to }) => `did not cancel the ${isPending(to.status) ? 'purchase' : 'subscription'}`,
  'deadline-near': () => 'reminded of a deadline',
  updated: (told) => (told.actor.kind === 'operator' && valueOf(told, 'stage') ? 'approved the purchase' : changesIn(told)),
  'operation-announced': (told) => `announced ${askedBy(told)}, and does not show it yet`,
  'operation-begun': (told) => `showed ${askedBy(told)} as begun`,
  'operation-decided': (told) => `${valueOf(told, 'operation.verdict') ?? 'decided about'} ${askedBy(told)}`,
  'operation-ended': (told) => `ended ${askedBy(told)} as ${valueOf(told, 'operation.status')}`,
  'operation-without-effect': ({ action }) => `shows no effect of ${action}`,
};

/** An entry of history in a sentence, for people who read from the first to the last. */
export function sentenceOf(told: Told): string {
  const name = told.event.replace(/^landfall\.subscription\.|\.v\d+$/g, '');
  const deed = told.actor.kind === 'reconciliation' ? foundIn(name, told) : (deeds[name] ?? changesIn)(told);
  const who = names[told.actor.kind];
  const subject = told.onBehalfOf ? `For ${within(names[told.onBehalfOf.kind])}, ${within(who)}` : who;
  const since = told.cause.source === 'observed' ? ' (a read showed it, and no operation explains it)' : '';
  return `${subject} ${deed}${since}${told.reason ? `: ${told.reason}` : ''}`;
}

/** The reconciliation does nothing to a subscription: it finds what Microsoft has done, and nothing had told us. */
const foundIn = (name: string, told: Told): string =>
  name === 'purchased'
    ? `found the purchase of ${bought(told.to)}, which Microsoft shows as ${told.to.status}`
    : `found that Microsoft ${(deeds[name] ?? changesIn)(told)}`;

/** A name as it is written within a sentence. */
const within = (name: string): string => name.replace(/^(?:The|An|Our) /, (word) => word.toLowerCase());

/** An operation with what it leads to, where this entry is the first to tell it. */
function askedBy(told: Told): string {
  const [planId, quantity] = [valueOf(told, 'operation.planId'), valueOf(told, 'operation.quantity')];
  const target = planId ? ` to ${String(planId)}` : quantity ? ` to ${String(quantity)} seats` : '';
  return `${told.action}${target}${valueOf(told, 'operation.isRevert') ? ' (it takes back what was refused)' : ''}`;
}

/** Rows of before this was kept name none. */
function requestedIn(told: Told): string {
  const [planId, quantity] = [valueOf(told, 'request.planId'), valueOf(told, 'request.quantity')];
  return planId ? `the plan ${String(planId)}` : quantity ? `${String(quantity)} seats` : 'a change';
}

const bought = ({ planId, quantity }: Told['to']): string => (quantity === null ? planId : `${quantity} seats of ${planId}`);

const valueOf = ({ changes }: Told, field: string): unknown => changes.find((change) => change.field === field)?.to;

const changesIn = ({ changes, event }: Told): string =>
  changes.length > 0 ? `changed ${changes.map(inWords).join(', ')}` : `added to what is known (${event})`;

/** A value of several parts is in the entry's `changes`. */
const inWords = ({ field, to }: Told['changes'][number]): string =>
  typeof to === 'object' && to !== null ? field : `${field} to ${String(to)}`;
