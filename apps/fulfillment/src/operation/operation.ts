import type { DataOf, MicrosoftsReason, operationDecided, OperationStatus, Settlement } from '@landfall/contracts';

/** What the subscription service decided about an operation. */
export type Verdict = DataOf<typeof operationDecided>['verdict'];

/** Which operation: Microsoft was seen to use one id for more than one action, so the action belongs to the identity (rule 4). */
export interface OperationReference {
  readonly subscriptionId: string;
  /** Of an unnamed operation (`isUnnamed`) it is the id of the delivery that announced it. */
  readonly operationId: string;
  /** '' where an unnamed operation's delivery did not say. */
  readonly action: string;
}

/** What announced an operation: a webhook, or Microsoft's list of outstanding operations. */
export interface Announcement extends OperationReference {
  /** To whose address the webhook came: only this registration may ask Microsoft about it. */
  readonly registration: string;
  /** The delivery named no operation that could be asked for: the outstanding ones are listed instead. */
  readonly isUnnamed: boolean;
  /** `Azure` or `Partner` (our own request, never acknowledged by PATCH); null where nobody named it. */
  readonly source: string | null;
  /** The target of ChangePlan, else null. What Microsoft shows counts; until then it is what was announced. */
  readonly planId: string | null;
  /** The target of ChangeQuantity, else null; null for flat rate. As `planId`. */
  readonly quantity: number | null;
  /** When Microsoft began it, by Microsoft's clock. As `planId`. */
  readonly timeStamp: string | null;
  /** The target is what the payload's own copy of the subscription has already (contract 4.5). */
  readonly isRevert: boolean;
  /** When its webhook came, by the gateway's clock; null where none came, or where it is looked at anew. */
  readonly receivedAt: string | null;
}

/**
 * One operation of Microsoft as this service follows it: what was announced, what was shown, what was decided and answered, how it ended. A row
 * of `fulfillment.operations` is exactly this, but for `failure`. The ages are milliseconds by the database's clock, as they were when the row was read: copies of
 * this service have clocks that differ. Where an age turns from null to 0, it begins to count when it is saved.
 */
export interface Operation extends Announcement {
  /** Since the first look. */
  readonly ageMs: number;
  /** Since its webhook came, and never less than `ageMs`: Microsoft's ten seconds count from there (contract 4.5). */
  readonly receivedMs: number;
  /** As Get Operation showed it last; null: never. */
  readonly status: OperationStatus | null;
  /** Since it was first shown. */
  readonly shownMs: number | null;
  /** Since it was not shown any more, by answers without a break; null while it is. */
  readonly goneMs: number | null;
  /** Microsoft's clock at its last answer to Get Operation, or to the list; null: never answered. */
  readonly operationDate: string | null;
  /** Microsoft's clock when it was last shown as open. */
  readonly seenOpenAt: string | null;
  /** Stands for the snapshot that was published last for this operation. */
  readonly publishedSnapshot: string | null;
  readonly verdict: Verdict | null;
  /** When our answer to the webhook left. */
  readonly answeredAt: string | null;
  /** PATCHes to which Microsoft gave no proper answer. */
  readonly acknowledgements: number;
  /** Microsoft has taken our PATCH, needs none any more, or will never take it: none is sent again. */
  readonly isAcknowledged: boolean;
  readonly settled: Settlement | null;
  /** Why Microsoft says that it has failed: of the answer that is looked at, and not stored. */
  readonly failure?: MicrosoftsReason;
}

/** Of an operation that nobody has looked at yet. */
export const unseen = {
  ...{ ageMs: 0, receivedMs: 0, status: null, shownMs: null, goneMs: null, operationDate: null, seenOpenAt: null, publishedSnapshot: null },
  settled: null,
};

/** An operation that nobody has looked at yet. */
export const newOperation = (announcement: Announcement): Operation => ({
  ...announcement,
  ...targetOf(announcement),
  ...unseen,
  ...{ verdict: null, answeredAt: null, acknowledgements: 0, isAcknowledged: false },
});

/** What Microsoft's contract lays down for the operations of one action, as far as it matters here. */
interface ActionTraits {
  /** What the operation changes; null where the action has no target of its own. */
  readonly target: 'plan' | 'quantity' | null;
  /** What Microsoft is sent for each verdict (contract 3.10); null for nothing. */
  readonly acknowledgement: Readonly<Record<Verdict, 'Success' | 'Failure' | null>>;
  /** Until how long after the receipt an acknowledgement of unknown outcome is sent again (rule 9); null: until the operation ends. */
  readonly acknowledgeUntilMs: number | null;
}

/** Microsoft decides about a change by itself ten seconds after the webhook (contract 4.5). */
export const CHANGE_DECIDED_AFTER_MS = 10_000;

const fact: ActionTraits = { target: null, acknowledgement: { accepted: null, refused: null }, acknowledgeUntilMs: 0 };
const change: Omit<ActionTraits, 'target'> = {
  acknowledgement: { accepted: 'Success', refused: 'Failure' },
  acknowledgeUntilMs: CHANGE_DECIDED_AFTER_MS,
};

const traits: Readonly<Record<string, ActionTraits>> = {
  ChangePlan: { ...change, target: 'plan' },
  ChangeQuantity: { ...change, target: 'quantity' },
  Reinstate: { ...fact, acknowledgement: { accepted: 'Success', refused: null }, acknowledgeUntilMs: null }, // rule 7
};

/** The set of actions is open (contract 4.2): one that has no traits of its own is a fact. */
export const traitsOf = (action: string): ActionTraits => (Object.hasOwn(traits, action) ? traits[action]! : fact);

/** A change is asked for by a customer, who waits; everything else has happened. */
export const isChange = (action: string): boolean => traitsOf(action).target !== null;

/** The targets that an action has: another action names the current plan and quantity, which is no target. */
export function targetOf({ action, planId, quantity }: Pick<Announcement, 'action' | 'planId' | 'quantity'>) {
  const { target } = traitsOf(action);
  return { planId: target === 'plan' ? planId : null, quantity: target === 'quantity' && quantity ? quantity : null };
}

/** Not ended yet: only these can still be acknowledged. */
export const isOpen = (status: OperationStatus | null): status is 'NotStarted' | 'InProgress' =>
  status === 'NotStarted' || status === 'InProgress';

/** Ids are compared in lower case: Microsoft's casing is not documented. */
export const operationKey = ({ subscriptionId, operationId, action }: OperationReference): string =>
  `${subscriptionId}/${operationId}`.toLowerCase() + `/${action}`;
