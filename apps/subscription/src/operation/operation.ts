import type { DataOf, Member, operationAnnounced, OperationStatus, Settlement, Status, Verdict } from '@landfall/contracts';

/** Whose word a verdict is: that of the catalog's rules, the product's, or what the catalog says for when the product is silent. */
export type Decider = 'catalog' | 'product' | 'silence';

/** What we decided about an operation. */
export interface Decision {
  readonly verdict: Verdict;
  /** Of a refusal, in words for the customer's administrator; null otherwise. */
  readonly reason: string | null;
  /** Null: nobody was asked, since it is a fact, our own request, of an offer that is not ours, or has ended. */
  readonly decidedBy: Decider | null;
}

/**
 * One of Microsoft's operations as the record knows it. `verdict` is null until it is decided: while it was only announced, while the product is asked
 * about it, and for good where Microsoft never showed it.
 */
export interface Operation extends Pick<Decision, 'reason' | 'decidedBy'> {
  readonly verdict: Verdict | null;
  /** Through which registration Microsoft was asked about it, handed back with the verdict; null while it is only announced. */
  readonly registration: string | null;
  readonly operationId: string;
  /** Microsoft was seen to use one id for more than one action, so the action belongs to the identity (rule 4). */
  readonly action: string;
  readonly source: string | null;
  /** The target of ChangePlan, else null. */
  readonly planId: string | null;
  /** The target of ChangeQuantity, else null. */
  readonly quantity: number | null;
  /** Microsoft's clock at its beginning. Operations are ordered by it; null where nobody named it. */
  readonly timeStamp: string | null;
  /** Microsoft takes a refused change back: it explains nothing. */
  readonly isRevert: boolean;
  /** `Announced`: a webhook named it, and Microsoft does not show it. Else as it was shown last, or how it ended. */
  readonly status: 'Announced' | OperationStatus | Settlement;
  /** The newest `Date` of an answer that showed it open; null where none did. */
  readonly seenOpenAt: string | null;
  /** It has ended without an effect: it explains nothing any more. */
  readonly hadNoEffect: boolean;
  /** The ordered read that decides whether it had an effect; null where none has to. */
  readonly closingOrder: number | null;
}

/** What an action is about, and the status that it leads to. What is not listed is about nothing that we could name (contract 4.2). */
const subjects: Readonly<Record<string, { readonly member: Member; readonly leadsTo?: Status }>> = {
  ChangePlan: { member: 'plan' },
  ChangeQuantity: { member: 'quantity' },
  Renew: { member: 'term' },
  Suspend: { member: 'status', leadsTo: 'Suspended' },
  Reinstate: { member: 'status', leadsTo: 'Subscribed' },
  Subscribe: { member: 'status', leadsTo: 'Subscribed' },
  Unsubscribe: { member: 'status', leadsTo: 'Unsubscribed' },
};

/** The actions that we know. The set is open: another one is accepted, and what it changed is read (contract 4.2). */
export const knownActions: readonly string[] = Object.keys(subjects);

/** The member that an operation is about; undefined for an action that Microsoft has added. */
export const memberOf = ({ action }: Pick<Operation, 'action'>): Member | undefined =>
  Object.hasOwn(subjects, action) ? subjects[action]!.member : undefined;

/** The value that the member has when the operation has succeeded; undefined where it names none, as Renew (rule 4). */
export function targetOf({ action, planId, quantity }: Operation): string | number | undefined {
  const member = memberOf({ action });
  if (member === 'plan') return planId ?? undefined;
  if (member === 'quantity') return quantity ?? undefined;
  return member === 'status' ? subjects[action]!.leadsTo : undefined;
}

/** Its product is being asked, or it waits until that has been asked about another change. */
export const isUndecided = ({ status, verdict }: Pick<Operation, 'status' | 'verdict'>): boolean => isOpen({ status }) && verdict === null;

/** Only ChangePlan and ChangeQuantity change something by agreement; everything else is a fact (rule 7). */
export const isChange = ({ action }: Pick<Operation, 'action'>): boolean => action === 'ChangePlan' || action === 'ChangeQuantity';

export const isOpen = ({ status }: Pick<Operation, 'status'>): boolean => status === 'NotStarted' || status === 'InProgress';

/** The looks at it are over, and none showed its end: what is shown of it later is news. */
export const isGivenUp = ({ status }: Pick<Operation, 'status'>): boolean =>
  status === 'Vanished' || status === 'Stuck' || status === 'Invisible';

export const operationKey = ({ operationId, action }: Pick<Operation, 'operationId' | 'action'>): string => `${operationId}/${action}`;

/** What was decided about it. */
export const verdictOf = ({ verdict, reason, decidedBy }: Operation): Pick<Operation, 'verdict' | 'reason' | 'decidedBy'> => ({
  ...{ verdict, reason, decidedBy },
});

/** An operation that is heard of for the first time: nothing is decided about it. */
export const newOperation = (
  {
    operationId,
    action,
    source,
    planId,
    quantity,
    timeStamp,
    isRevert,
    registration = null,
  }: DataOf<typeof operationAnnounced> & Partial<Pick<Operation, 'registration'>>,
  { status, seenOpenAt }: Pick<Operation, 'status' | 'seenOpenAt'>,
): Operation => ({
  ...{ registration, operationId, action, source, planId, quantity, timeStamp, isRevert, status, seenOpenAt },
  ...{ verdict: null, reason: null, decidedBy: null, hadNoEffect: false, closingOrder: null },
});
