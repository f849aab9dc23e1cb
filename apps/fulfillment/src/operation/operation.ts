import {
  status,
  type DataOf,
  type operationDecided,
  type operationSettled,
  type OperationStatus,
  type Snapshot,
  type Status,
} from '@landfall/contracts';

/** What the subscription service decided about an operation. */
export type Verdict = DataOf<typeof operationDecided>['verdict'];
/** How an operation ended. `Expired` is ours: it stayed open beyond our limit. */
export type Settlement = DataOf<typeof operationSettled>['settled'];

/** Which operation: Microsoft was seen to use one id for more than one action, so the action belongs to the identity (rule 4). */
export interface OperationReference {
  readonly subscriptionId: string;
  readonly operationId: string;
  readonly action: string;
}

/**
 * One operation of Microsoft as this service follows it: what confirmed it, what was decided and answered, how it ended. A row of
 * `fulfillment.operations` is exactly this. A webhook creates it; verdict and answer come in either order; the settlement is the end.
 */
export interface Operation extends OperationReference {
  /** `Azure` or `Partner` (our own request, never acknowledged by PATCH); null where neither operation nor webhook named it. */
  readonly source: string | null;
  /** As it was when verified; null where only the subscription proved it, or nothing did. */
  readonly operationStatus: OperationStatus | null;
  /** The target of ChangePlan, else the plan of the subscription. */
  readonly planId: string | null;
  /** The target of ChangeQuantity, else the seats of the subscription; null for flat rate. */
  readonly quantity: number | null;
  readonly receivedAt: string;
  /** When a decision is acknowledged although nobody saw our answer to the webhook leave. */
  readonly acknowledgeBy: string;
  /** `unverifiable`: Microsoft did not confirm it within the limit, so the subscription was published as it is instead. */
  readonly verification: 'verified' | 'unverifiable';
  readonly verifiedAt: string;
  readonly verdict: Verdict | null;
  readonly answeredAt: string | null;
  readonly settled: Settlement | null;
  /** Since when Microsoft calls it Succeeded while its subscription does not show it; null where that has not happened. */
  readonly effectMissingSince: string | null;
}

/** What Microsoft's contract lays down for the operations of one action, as far as it matters here. */
interface ActionTraits {
  /** What the operation changes; null where the action has no target of its own. */
  readonly target: 'plan' | 'quantity' | null;
  /** The status in which a subscription shows the effect; null where the target shows it, or nothing does. */
  readonly leadsTo: Status | null;
  /**
   * Statuses of the subscription that confirm a webhook whose operation can't be read (contract 4.6, step 4). None: only the operation can.
   */
  readonly confirmedBy: readonly Status[];
  /** What Microsoft is sent for each verdict (contract 3.10); null for nothing. */
  readonly acknowledgement: Readonly<Record<Verdict, 'Success' | 'Failure' | null>>;
  /**
   * What must be seen for the operation to have succeeded. `status`: its own status; the effect may have been replaced by a later change.
   * `status-and-effect`: nothing can have replaced the effect. `effect`: that alone, whatever the status is (rule 7).
   */
  readonly succeedsBy: 'status' | 'status-and-effect' | 'effect';
}

const notSent = { accepted: null, refused: null };
const byVerdict = { accepted: 'Success', refused: 'Failure' } as const;
const neverRefused = { accepted: 'Success', refused: null } as const; // rule 7

const plain: ActionTraits = { target: null, leadsTo: null, confirmedBy: [], acknowledgement: notSent, succeedsBy: 'status' };

/** The actions that Microsoft documents (contract 4.2). */
type KnownAction = 'ChangePlan' | 'ChangeQuantity' | 'Reinstate' | 'Suspend' | 'Unsubscribe' | 'Subscribe' | 'Renew';

const traits: Readonly<Record<KnownAction, ActionTraits>> = {
  ChangePlan: { ...plain, target: 'plan', acknowledgement: byVerdict },
  ChangeQuantity: { ...plain, target: 'quantity', acknowledgement: byVerdict },
  Reinstate: { ...plain, leadsTo: 'Subscribed', acknowledgement: neverRefused, succeedsBy: 'effect' },
  Suspend: { ...plain, leadsTo: 'Suspended', confirmedBy: ['Suspended'] },
  Unsubscribe: { ...plain, leadsTo: 'Unsubscribed', confirmedBy: ['Unsubscribed'], succeedsBy: 'status-and-effect' },
  Subscribe: { ...plain, leadsTo: 'Subscribed', confirmedBy: ['Subscribed', 'Suspended'] },
  Renew: { ...plain, confirmedBy: status.options },
};

const isKnown = (action: string): action is KnownAction => Object.hasOwn(traits, action);

/**
 * The set of actions is open: one that we don't know is treated like Renew, of which the subscription as it is shows all there is to know.
 */
export const traitsOf = (action: string): ActionTraits => traits[isKnown(action) ? action : 'Renew'];

/** Not ended yet: only these can still be acknowledged and applied (rule 4). */
export const isOpen = (status: OperationStatus | null): status is 'NotStarted' | 'InProgress' =>
  status === 'NotStarted' || status === 'InProgress';

/** Ids are compared in lower case: Microsoft's casing is not documented. */
export const operationKey = ({ subscriptionId, operationId, action }: OperationReference): string =>
  `${subscriptionId}/${operationId}`.toLowerCase() + `/${action}`;

/**
 * Whether a subscription shows what a succeeded operation was about, and only that (rule 1). An action that leaves no mark of its own is
 * always shown.
 */
export function showsEffect({ action, planId, quantity }: Pick<Operation, 'action' | 'planId' | 'quantity'>, snapshot: Snapshot): boolean {
  const { target, leadsTo } = traitsOf(action);
  if (target === 'plan') return snapshot.planId === planId;
  if (target === 'quantity') return snapshot.quantity === null || snapshot.quantity === quantity; // null: flat rate has no seats
  return leadsTo === null || snapshot.status === leadsTo;
}
