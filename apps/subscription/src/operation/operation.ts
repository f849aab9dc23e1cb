import type { DataOf, Member, operationAnnounced, OperationStatus, Settlement, Status } from '@landfall/contracts';

/** One of Microsoft's operations as the record knows it. */
export interface Operation {
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

/** Only ChangePlan and ChangeQuantity change something by agreement; everything else is a fact (rule 7). */
export const isChange = ({ action }: Pick<Operation, 'action'>): boolean => action === 'ChangePlan' || action === 'ChangeQuantity';

export const isOpen = ({ status }: Pick<Operation, 'status'>): boolean => status === 'NotStarted' || status === 'InProgress';

export const operationKey = ({ operationId, action }: Pick<Operation, 'operationId' | 'action'>): string => `${operationId}/${action}`;

/** What the messages about an operation say of it alike. */
export const identityOf = (operation: DataOf<typeof operationAnnounced>) => ({
  operationId: operation.operationId,
  action: operation.action,
  source: operation.source,
  planId: operation.planId,
  quantity: operation.quantity,
  timeStamp: operation.timeStamp,
  isRevert: operation.isRevert,
});
