import {
  operationAnnounced,
  subscriptionObserved,
  type changeSubscription,
  type MessageOf,
  type RequestOutcome,
  type Settlement,
  type SubscriptionRead,
} from '@landfall/contracts';
import { changed, type Effect, type Outcome } from '@landfall/messaging';
import { backoffMs, type Backoff } from '../backoff';
import { CALL_EFFECT_WAIT_MS, mayHaveReached, wasReceived, type CallAttempt } from '../microsoft/call';
import type { OperationReading } from '../microsoft/microsoft.readings';
import { followOperation } from '../operation/operation.job';
import { askForChange, type RequestedOfUs } from './change.job';

/** Two machines of Microsoft may differ by so much. */
const CLOCK_TOLERANCE_MS = 5_000;
/** Between looks while Microsoft's lock, or a call of unknown outcome, is waited for. */
const WAIT_BACKOFF: Backoff = { firstMs: 1_000, limitMs: 60_000 };
/** A refusal by which nothing was open is asked for once more after this: Microsoft shows new operations with some delay (contract 3.10). */
const REFUSED_AGAIN_MS = 10_000;

/** Something was requested on our side. */
export const orderChange = (
  _state: undefined,
  { data: { subscriptionId, requestId, action, planId, quantity } }: MessageOf<typeof changeSubscription>,
): Outcome<undefined> => changed(undefined, askForChange({ subscriptionId, requestId, action, planId, quantity }));

/** An operation as Microsoft's list of outstanding ones shows it. */
export type OutstandingOperation = OperationReading & { readonly operationId: string };

/** What says whose an operation is. */
export type NamedOperation = Pick<OutstandingOperation, 'operationId' | 'action' | 'source' | 'planId' | 'quantity' | 'timeStamp'>;

/** One that is, or was, followed to its end: null until that is known. `operationDate`: Microsoft's clock when it was asked for last. */
export type FollowedOperation = NamedOperation & { readonly settled: Settlement | null; readonly operationDate: string | null };

/** What is known when a request is looked at: always before Microsoft is called (rule 9). */
export interface ChangeLook {
  readonly requested: RequestedOfUs;
  readonly read: SubscriptionRead;
  /** What is open at Microsoft. It never lists a cancellation (contract 3.10). */
  readonly outstanding: readonly OutstandingOperation[];
  /** What webhooks, and earlier answers, have named: those that have ended as well, and cancellations. */
  readonly followed: readonly FollowedOperation[];
  /** Earlier calls of the same job, as the ledger knows them. */
  readonly attempts: readonly CallAttempt[];
  /** The request has had its time. */
  readonly isTooLate: boolean;
  /** The request is younger than `COPY_LAG`: a copy may show what was true before it. */
  readonly mayBeOld: boolean;
}

/** `request`: what the read shows of the target may be the doing of our call. `found`: it can't be, since none may have reached Microsoft. */
type ShownOccasion = 'request' | 'found';

/**
 * What a request does now. `publish` what the subscription shows: it has ended, and the request with it (rule 3). `call` Microsoft. `follow` the operation that a
 * call began whose answer was lost. `shown`: such a call took effect, as far as this read tells (`request`), or another operation may have done the same (`found`). `found`: the subscription surely has it already, and it is not asked for, since an
 * answer that is lost would make it look like our doing. `wait`: for Microsoft's lock, for a younger copy, or for what became of a call.
 * `fail`: it has had its time (rule 10), or is not ours to ask for.
 */
export type ChangeDecision =
  | { readonly next: 'publish' | 'shown'; readonly occasion: ShownOccasion }
  | { readonly next: 'call' | 'found' }
  | { readonly next: 'follow'; readonly operation: NamedOperation }
  | { readonly next: 'wait'; readonly reason: string }
  | { readonly next: 'fail'; readonly outcome: RequestOutcome; readonly reason: string };

/** Before any call. Never called twice before the first call has had time to show, and never again once Microsoft has surely received it (rule 9). */
export function decideChange(look: ChangeLook): ChangeDecision {
  const { requested, read, attempts, isTooLate, mayBeOld } = look;
  const unsure = attempts.filter(mayHaveReached);
  if (read.snapshot.status === 'Unsubscribed') return { next: 'publish', occasion: unsure.length > 0 ? 'request' : 'found' };
  if (unsure.length > 0) return decideUnsure(look, unsure);
  const hasIt = showsTarget(requested, read);
  if (hasIt && !mayBeOld) return { next: 'found' };
  const forbidden = whyForbidden(requested, read);
  if (forbidden) return { next: 'fail', outcome: 'failed', reason: forbidden };
  const hindrance = hasIt ? hasItPerhaps : whyNotYet(look);
  if (isTooLate) return { next: 'fail', outcome: 'failed', reason: hindrance ?? neverAsked };
  return hindrance ? { next: 'wait', reason: hindrance } : { next: 'call' };
}

/** After calls that Microsoft may have received (rule 9). */
function decideUnsure(look: ChangeLook, unsure: readonly CallAttempt[]): ChangeDecision {
  const { requested, read, attempts, isTooLate } = look;
  const operation = ownOperation(look);
  if (operation) return { next: 'follow', operation };
  const hadTimeToShow = unsure.every(({ agoMs }) => agoMs >= CALL_EFFECT_WAIT_MS);
  if (hadTimeToShow && showsTarget(requested, read)) return { next: 'shown', occasion: mayBeAnothers(look) ? 'found' : 'request' };
  if (hadTimeToShow && isTooLate) return { next: 'fail', outcome: 'unconfirmed', reason: neverShown };
  if (!hadTimeToShow || attempts.some(wasReceived))
    return { next: 'wait', reason: 'Microsoft may have received it, and does not show it yet' };
  const hindrance = whyNotYet(look);
  return hindrance ? { next: 'wait', reason: hindrance } : { next: 'call' };
}

/** Reasons for people. */
const neverShown = 'Microsoft may have received it, and showed no operation and no effect of it within the limit';
const neverAsked = 'It could not be asked for within the limit';
const hasItPerhaps = 'Microsoft shows that the subscription has it already, which may be an old copy';

/**
 * A request that has had its time, and about which nothing can be asked now: `why`. What its calls may have done nobody has seen. `attempts`: all of them, the last run's
 * too.
 */
export const notAsked = (attempts: readonly CallAttempt[], why: string): { readonly outcome: RequestOutcome; readonly reason: string } =>
  attempts.some(mayHaveReached)
    ? { outcome: 'unconfirmed', reason: `Microsoft may have received it, and what became of it could not be seen within the limit: ${why}` }
    : { outcome: 'failed', reason: `${neverAsked}: ${why}` };

/** What a request waits for before it is asked for: a status that allows it (contract 3.8, 3.9), and Microsoft's lock. What is not said is asked for again. */
function whyNotYet({ requested: { action }, read: { snapshot }, outstanding }: ChangeLook): string | null {
  const { status } = snapshot;
  if (status === undefined) return 'Microsoft does not say the status of the subscription';
  if (status !== 'Subscribed' && !(action === 'Unsubscribe' && status === 'Suspended'))
    return `Microsoft shows the subscription as ${status}`;
  const lock = outstanding.find((open) => action !== 'Unsubscribe' || open.action !== 'Reinstate'); // a cancellation is possible beside it (contract 3.9, 4.2)
  return lock ? `the subscription is locked by an open ${lock.action} (operation ${lock.operationId})` : null;
}

/** What a reseller sold is neither changed nor cancelled by us (contract 1.2). Nothing named means that it was not said. */
function whyForbidden(
  { action }: RequestedOfUs,
  { snapshot: { allowedCustomerOperations: allowed = [] } }: SubscriptionRead,
): string | null {
  const needed = action === 'Unsubscribe' ? 'Delete' : 'Update';
  return allowed.length === 0 || allowed.includes(needed) ? null : `Microsoft does not let us: allowedCustomerOperations has no ${needed}`;
}

/**
 * An operation is ours only if it began after we first called, by Microsoft's clock: its time now, less how long ago that was (rule 9). One that has ended ends the request: asked
 * for again it would be done although products were told that it failed.
 */
function ownOperation(look: ChangeLook): NamedOperation | undefined {
  const notBefore = firstCalledAt(look);
  return [...look.outstanding, ...look.followed].find(
    (known) =>
      isForTheSame(look.requested, known) &&
      known.source !== 'Azure' &&
      known.timeStamp !== null &&
      Date.parse(known.timeStamp) >= notBefore,
  );
}

/** Another operation for the same target is open, or came true since we first called: what is shown may be its doing, and nobody can tell. */
function mayBeAnothers(look: ChangeLook): boolean {
  const notBefore = firstCalledAt(look);
  const mayHaveDoneIt = ({ settled, operationDate }: FollowedOperation) =>
    settled === null || (settled === 'Succeeded' && operationDate !== null && Date.parse(operationDate) >= notBefore);
  return (
    look.outstanding.some((known) => isForTheSame(look.requested, known)) ||
    look.followed.some((known) => isForTheSame(look.requested, known) && mayHaveDoneIt(known))
  );
}

/** When Microsoft was first called, by its clock, at the earliest. */
function firstCalledAt({ read, attempts }: Pick<ChangeLook, 'read' | 'attempts'>): number {
  const firstCallMs = Math.max(...attempts.filter(mayHaveReached).map(({ agoMs }) => agoMs));
  return Date.parse(read.date) - firstCallMs - CLOCK_TOLERANCE_MS;
}

const isForTheSame = (requested: RequestedOfUs, { action, planId, quantity }: NamedOperation): boolean =>
  action === requested.action && (action === 'ChangePlan' ? planId === requested.planId : quantity === requested.quantity);

const showsTarget = ({ action, planId, quantity }: RequestedOfUs, { snapshot }: SubscriptionRead): boolean =>
  action === 'ChangePlan' ? snapshot.planId === planId : action === 'ChangeQuantity' && snapshot.quantity === quantity;

/** A call that Microsoft refused. */
export interface Refusal {
  readonly status: number | null;
  /** Microsoft's own code and words. */
  readonly microsoft: { readonly code: string | null; readonly message: string | null } | null;
}

/**
 * After Microsoft refused. 409, and 400 with the code `Failed`, mean that the subscription is locked (contract 3.8, 3.9): it is asked again until the limit. So it is
 * after a call of unknown outcome, since what is refused may be what it has done (rule 9); and where Microsoft does not know the subscription, since copies lag.
 * Any other refusal is asked for once more, and holds then. `earlier`: the calls before this one. `isLast`: the next one would come after the limit.
 */
export function decideAfterRefusal(
  refusal: Refusal,
  earlier: readonly CallAttempt[],
  isLast: boolean,
): Extract<ChangeDecision, { next: 'wait' | 'fail' }> {
  const { status, microsoft } = refusal;
  const wasUnsure = earlier.some(mayHaveReached);
  const isPassing = wasUnsure || status === 409 || status === 404 || microsoft?.code === 'Failed';
  const wasRefusedBefore = earlier.some((attempt) => attempt.status === 400);
  const reason = refusedInWords(refusal);
  if (isLast) return { next: 'fail', outcome: wasUnsure ? 'unconfirmed' : 'failed', reason };
  if (isPassing || !wasRefusedBefore) return { next: 'wait', reason };
  return { next: 'fail', outcome: 'failed', reason };
}

/** Why, for people: Microsoft's words where it has any. */
const refusedInWords = ({ status, microsoft }: Refusal): string =>
  `Microsoft refuses it (${[status, microsoft?.code].filter(Boolean).join(', ')}): ${microsoft?.message ?? 'it does not say why'}`;

/** How long until a request is looked at again, after so many runs. */
export const untilLookedAgainMs = (runs: number): number => backoffMs(runs, WAIT_BACKOFF);

/** How long until a refused request is asked for again. A lock may be over in a moment, and one that stays is looked at less and less often. */
export const untilAskedAgainMs = (earlier: readonly CallAttempt[]): number =>
  backoffMs(earlier.length + 1, { firstMs: REFUSED_AGAIN_MS, limitMs: 60_000 });

/** Microsoft names the operation that a call for a request began: told at once (rule 9), and followed to its end. When it began only Microsoft knows. */
export function operationOfRequest(
  { subscriptionId, requestId, action, planId, quantity }: RequestedOfUs,
  {
    operationId,
    timeStamp = null,
    registration,
  }: { readonly operationId: string; readonly timeStamp?: string | null; readonly registration: string },
): Effect[] {
  const announced = { source: 'Partner', planId, quantity, timeStamp, isRevert: false };
  return [
    operationAnnounced({ subscriptionId, operationId, action, ...announced, requestId }),
    followOperation({ subscriptionId, operationId, action, listed: { registration, ...announced, receivedAt: null } }),
  ];
}

/** The subscription as Microsoft shows it, for a request whose operation nobody named. */
export const requestShown = (read: SubscriptionRead, occasion: ShownOccasion) =>
  subscriptionObserved({ subscriptionId: read.snapshot.subscriptionId, read, occasion, order: null, closes: [] });
