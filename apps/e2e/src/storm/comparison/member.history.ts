/** An operation as Microsoft knows it, from the control API of the emulator, which tells the truth. */
export interface MicrosoftOperation {
  id: string;
  action: string;
  status: string;
  planId: string;
  quantity: number | null;
  timeStamp: string;
  settledAt: string | null;
  /** A change that has failed because we said no, by an answer or by PATCH. */
  isRefusedByUs: boolean;
  /** Get Operation never showed it, or not for long: then nobody can be asked what only it tells. */
  isHidden: boolean;
  /** When its webhook was first taken by us; null where it never was, or where the emulator keeps no note of it any more. */
  receivedAt: string | null;
}

/** The members that operations change. */
export const changedMembers = ['status', 'planId', 'quantity'] as const;
export type ChangedMember = (typeof changedMembers)[number];

export type Value = string | number | null;

/** A value, and the operation that made it or explains it; null where none is named. */
export interface MadeValue {
  readonly value: Value;
  readonly operationId: string | null;
}

/**
 * What each member was at Microsoft, oldest first, without repetitions: from a purchase that was activated, and each operation that succeeded. A change counts from
 * its end, since the target of an open operation is true for nobody yet.
 */
export function memberHistories(
  bought: { planId: string; quantity: number | null },
  operations: readonly MicrosoftOperation[],
): Record<ChangedMember, MadeValue[]> {
  const bare = (value: Value): MadeValue => ({ value, operationId: null });
  const histories: Record<ChangedMember, MadeValue[]> = {
    status: [bare('PendingFulfillmentStart'), bare('Subscribed')],
    planId: [bare(bought.planId)],
    quantity: [bare(bought.quantity)],
  };
  const succeeded = operations.filter(({ status }) => status === 'Succeeded');
  for (const operation of succeeded.sort((one, other) => effectiveMs(one) - effectiveMs(other))) {
    const effect = effectOf(operation);
    if (effect && histories[effect.member].at(-1)!.value !== effect.value)
      histories[effect.member].push({ value: effect.value, operationId: operation.id });
  }
  return histories;
}

/**
 * Where a list of values, oldest first, can be found in another in the same order; what can't be is the index of the first that does not fit. One that is told anew, by the
 * operation that made it so again, is as far as that: what was before must not come after it.
 */
export function firstOutOfOrder(announced: readonly MadeValue[], history: readonly MadeValue[]): number | undefined {
  let position = 0;
  for (const [index, { value, operationId }] of announced.entries()) {
    if (index > 0 && announced[index - 1]!.value === value) {
      const made = history.findIndex((one) => one.operationId !== null && one.operationId === operationId && one.value === value);
      position = Math.max(position, made);
      continue;
    }
    const found = history.findIndex((one, at) => at >= position && one.value === value);
    if (found === -1) return index;
    position = found;
  }
  return undefined;
}

/** When an operation took effect. What only happens (Suspend, Unsubscribe) has happened before its webhook is sent. */
export function effectiveMs({ action, timeStamp, settledAt }: MicrosoftOperation): number {
  return Date.parse(action === 'Suspend' ? timeStamp : (settledAt ?? timeStamp));
}

function effectOf({ action, planId, quantity }: MicrosoftOperation): { member: ChangedMember; value: Value } | undefined {
  switch (action) {
    case 'ChangePlan':
      return { member: 'planId', value: planId };
    case 'ChangeQuantity':
      return { member: 'quantity', value: quantity };
    case 'Suspend':
      return { member: 'status', value: 'Suspended' };
    case 'Reinstate':
      return { member: 'status', value: 'Subscribed' };
    case 'Unsubscribe':
      return { member: 'status', value: 'Unsubscribed' };
    default:
      return undefined; // Renew changes the term, which is compared at rest
  }
}
