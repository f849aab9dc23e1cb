import type { MessageOf, operationDecided, operationSettled, operationVerified, OperationStatus, Settlement } from '@landfall/contracts';
import { changed, ignored, type Outcome } from '@landfall/messaging';
import { isChange, type OperationDecision, type OperationReference } from './decision';

/** Whether a decision can change an answer: one about a fact never does. */
export const concernsAnswers = ({ data }: MessageOf<typeof operationDecided> | MessageOf<typeof operationSettled>): boolean =>
  isChange(data.action);

/** The same of what a first look showed, which is an end or nothing. */
export const showsEndOfChange = ({ data }: MessageOf<typeof operationVerified>): boolean =>
  isChange(data.action) && endOf(data.operationStatus) !== null;

/** Subscription has decided. An answer may be held for it, on any copy; whoever comes again later finds it. */
export function recordVerdict(
  known: OperationDecision | undefined,
  { data, time }: MessageOf<typeof operationDecided>,
): Outcome<OperationDecision> {
  if (!isChange(data.action)) return ignored('no answer waits for a decision about a fact');
  const { verdict, reason } = data;
  return changed({ ...(known ?? nothingKnown(data)), verdict, reason, toldAt: time });
}

/** Fulfillment saw that an operation had ended when it was first shown. */
export function recordEndAtFirstLook(
  known: OperationDecision | undefined,
  { data, time }: MessageOf<typeof operationVerified>,
): Outcome<OperationDecision> {
  const end = endOf(data.operationStatus);
  return end ? recordEnd(known, data, end, time) : ignored('the operation is open');
}

/** Fulfillment saw the end of an operation, or looks at it no more: then nobody knows that it is still open. */
export const recordSettlement = (
  known: OperationDecision | undefined,
  { data, time }: MessageOf<typeof operationSettled>,
): Outcome<OperationDecision> => recordEnd(known, data, data.settled, time);

function recordEnd(
  known: OperationDecision | undefined,
  operation: OperationReference,
  settled: Settlement,
  toldAt: string,
): Outcome<OperationDecision> {
  if (!isChange(operation.action)) return ignored('the answer to a fact never changes');
  return changed({ ...(known ?? nothingKnown(operation)), settled, toldAt });
}

const endOf = (status: OperationStatus): Settlement | null => (status === 'NotStarted' || status === 'InProgress' ? null : status);

const nothingKnown = ({ registration, subscriptionId, operationId, action }: OperationReference): Omit<OperationDecision, 'toldAt'> => ({
  ...{ registration, subscriptionId, operationId, action, verdict: null, reason: null, settled: null },
});
