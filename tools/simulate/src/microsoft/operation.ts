import type { OperationStatus } from '@landfall/contracts';
import type { Action } from './action';
import type { Fate } from './fate';
import type { Members, ModelMember } from './members';

/** The member that an action is about. */
export const memberOf: Readonly<Record<Action, ModelMember>> = {
  ChangePlan: 'plan',
  ChangeQuantity: 'quantity',
  Renew: 'term',
  Suspend: 'status',
  Reinstate: 'status',
  Unsubscribe: 'status',
};

/** One of Microsoft's operations, with everything that Microsoft knows about it. */
export interface Operation {
  readonly id: string;
  readonly action: Action;
  /** The request of ours that began it; null: a customer, or Microsoft itself. */
  readonly requestId: string | null;
  /** What its member becomes. */
  readonly target: Members[ModelMember];
  /** Its target is what the member was when it began: Microsoft takes a refused change back (contract 4.5). It never changes anything. */
  readonly isRevert: boolean;
  /** The subscription when it began: the webhook's payload has a copy of it. */
  readonly before: Members;
  readonly beganAtMs: number;
  /** The number of the act that began it. */
  readonly act: number;
  readonly fate: Fate;
  /** Every status that it has had, the newest last. */
  readonly statuses: { readonly atMs: number; readonly status: OperationStatus }[];
  /** Succeeded, and never done: Microsoft's own untruth. */
  isLie: boolean;
  firstDeliveredAtMs: number | null;
  /** An answer of 200 to its webhook has arrived. */
  isAnswered: boolean;
  /** When our PATCH first reached it. */
  patchedAtMs: number | null;
  patches: number;
  /** When our refusal reached it while it was open: by 400 or by PATCH (contract 4.5). */
  refusedAtMs: number | null;
}

export const statusOf = ({ statuses }: Operation): OperationStatus => statuses.at(-1)!.status;

/** What never changes any more (contract 3.10). */
export const isEnded = (operation: Operation): boolean => !isOpen(statusOf(operation));

export const isOpen = (status: OperationStatus): boolean => status === 'NotStarted' || status === 'InProgress';

export const isChange = ({ action }: Operation): boolean => action === 'ChangePlan' || action === 'ChangeQuantity';

/** Short for an operation's id, as traces and the keys of chance have it: its last four digits are the number of the act that began it. */
export const shortNameOf = (operationId: string): string => `op${Number.parseInt(operationId.slice(-4), 16)}`;

/** As a trace names it. */
export const nameOf = ({ id, action }: Pick<Operation, 'id' | 'action'>): string => `${shortNameOf(id)} ${action}`;
