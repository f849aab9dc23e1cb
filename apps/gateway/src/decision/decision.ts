import type { DataOf, operationDecided, Settlement } from '@landfall/contracts';

/**
 * Microsoft was seen to use one id for more than one action, so the action belongs to the identity (rule 4). So does the registration: what is known of an
 * operation through one answers no webhook at the address of another.
 */
export interface OperationReference {
  readonly registration: string;
  readonly subscriptionId: string;
  readonly operationId: string;
  readonly action: string;
}

/** What the other services told about a change: what subscription decided, and how Microsoft ended it. At least one of the two is there. */
export interface OperationDecision extends OperationReference {
  readonly verdict: DataOf<typeof operationDecided>['verdict'] | null;
  /** Why it was refused, in words for the customer's administrator. */
  readonly reason: string | null;
  /** Nobody looks at it any more: it has ended, or is not shown, or is never going to end. */
  readonly settled: Settlement | null;
  /** When the other service said so, in business time. */
  readonly toldAt: string;
}

/** Only these wait for a decision, so only of these one is stored (contract 4.5). */
export const isChange = (action: string): boolean => action === 'ChangePlan' || action === 'ChangeQuantity';

/** The key of a decision's state. */
export const operationKey = ({ registration, subscriptionId, operationId, action }: OperationReference): string =>
  `${registration}/${subscriptionId}/${operationId}/${action}`;
