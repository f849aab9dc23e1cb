/** What tools/simulate drives: the consumer, of which it takes the tables of decisions, and what the workers decide by. Nothing else may import from here. */
export { backoffMs } from './backoff';
export {
  activationShown,
  boughtBy,
  decideActivation,
  decideAfterRefusal,
  decideFollowing,
  untilActivatedAgainMs,
} from './activation/activation.domain';
export { activateSubscription, followActivation } from './activation/activation.job';
export {
  cancellationShown,
  decideAfterRefusal as decideCancellationRefusal,
  decideCancellation,
  decideFollowing as decideCancellationFollowing,
  missedReason,
  untilCancelledAgainMs,
} from './cancellation/cancellation.domain';
export { cancelPurchase, failedCancellation, followCancellation } from './cancellation/cancellation.job';
export {
  decideAfterRefusal as decideChangeRefusal,
  decideChange,
  operationOfRequest,
  requestShown,
  untilAskedAgainMs as untilChangeAskedAgainMs,
  untilLookedAgainMs as untilChangeLookedAgainMs,
  type ChangeDecision,
  type OutstandingOperation,
} from './change/change.domain';
export { askForChange, failedChange } from './change/change.job';
export { FulfillmentConsumer } from './fulfillment.consumer';
export { mayHaveReached, type CallAttempt } from './microsoft/call';
export type { OperationAnswer } from './microsoft/microsoft.readings';
export { isImport, isTooLate, missingOf, readAsOrdered, untilReadAgainMs } from './observation/observation.domain';
export { orderedRead } from './observation/observation.job';
export { dueAtOnce, takenUpAgain, type Acknowledgement } from './operation/acknowledgement.domain';
export { asksForSubscription, settledBefore, showsEnd, type Seen } from './operation/look.domain';
export type { Pace } from './operation/look.schedule';
export { newOperation, operationKey, type Operation } from './operation/operation';
export { followOperation } from './operation/operation.job';
export { dueAfter, endMisdirected, endOfRun, isReadSpared, type FollowRun, type Sent } from './operation/run.domain';
export { announcedBy, type FirstSeen, type Misdirected } from './operation/webhook.domain';
export { unresolvedReason, untilResolvedAgainMs } from './purchase/purchase.domain';
export { resolvePurchase } from './purchase/purchase.job';
export { askingFor, type Belonging } from './registration/registration.domain';
export { differing, keepRecorded } from './reconciliation/comparison.domain';
export { followDifferences } from './reconciliation/difference/difference.job';
export {
  answerAbout,
  findingsOf,
  isMassLoss,
  letThroughUnasked,
  LOST_FEW,
  LOST_SHARE,
  MISSED_SWEEPS,
  questionsOf,
  type Found,
  type KeptBack,
} from './reconciliation/guard.domain';
export { overtakenBy } from './observation/overtaken.domain';
export type { Answer, Answered, Asked, Finding, Known, Manner, Observation, Question, Recorded } from './reconciliation/reconciliation';
export { dismissed, dismissesMissing, letThrough, withdrawn } from './reconciliation/operators/answer.domain';
export { nothingYet, reconcile, releaseFindings } from './reconciliation/reconciliation.job';
export {
  afterPage,
  judgeListed,
  judgeRead,
  judgeUnreadable,
  landmarkAfter,
  leadsBack,
  mayBeOutstanding,
  startSweep,
} from './reconciliation/sweep.domain';
