import type { MessageOf, operationDecided, webhookAnswered } from '@landfall/contracts';
import { changed, ignored, type Outcome } from '@landfall/messaging';
import { CHANGE_DECIDED_AFTER_MS, isOpen, traitsOf, unseen, type Operation } from './operation';
import { followOperation } from './operation.job';

/** What Microsoft is sent about an operation (contract 3.10). */
export type Acknowledgement = 'Success' | 'Failure';

/**
 * How Microsoft answered an acknowledgement. `over`: it was taken, is not needed any more, or will never be taken. `unknown`: 5xx or no answer.
 * `not-taken`: it surely did not reach Microsoft, or was turned away for a while (429).
 */
export type AcknowledgementAnswer = 'over' | 'unknown' | 'not-taken';

/**
 * So long after the receipt a decision is acknowledged without having seen our answer leave: Microsoft decides by itself after ten seconds
 * (contract 4.5).
 */
export const ACKNOWLEDGE_AFTER_MS = 7_000;
/** So long after an operation was first shown it counts as just seen. */
const SEEN_LATELY_MS = 2_000;
/** After an answer that proves nothing the operation is read so soon, and acknowledged again where it is still open; later less often. */
const SOON = { times: 5, pauseMs: 500 };
const LATER_PAUSE_MS = 10_000;

/** The subscription service has decided. The two topics may come in any order: whichever is second brings the acknowledgement forward. */
export function recordVerdict(known: Operation | undefined, { data }: MessageOf<typeof operationDecided>): Outcome<Operation> {
  if (!known) return ignored('a decision about an operation that no webhook announced');
  if (known.verdict) return ignored('this operation was decided before');
  return acknowledgedWhenComplete({ ...known, verdict: data.verdict });
}

/** Microsoft has our answer. Before that an acknowledgement would meet an operation that is not ready for it (contract 8, pitfall 19). */
export function recordAnswer(known: Operation | undefined, { data }: MessageOf<typeof webhookAnswered>): Outcome<Operation> {
  if (!known) return ignored('an answer to a webhook about an operation that is not followed');
  return answeredAs(known, data);
}

/**
 * An answer at the address of the operation's own registration counts. One that comes again says that Microsoft had not had the one before, so that its ten seconds begin now (contract
 * 4.5): what it does not show is looked at anew, and what it shows as open is acknowledged once more, since that came too early before.
 */
export function answeredAs(
  known: Operation,
  { registration, answeredAt }: Pick<Answer, 'registration' | 'answeredAt'>,
): Outcome<Operation> {
  if (known.registration !== registration) return ignored('an answer at the address of another registration');
  const answered = { ...known, answeredAt };
  if (isGivenUp(known)) return followAnew(answered);
  if (!known.answeredAt) return acknowledgedWhenComplete(answered);
  if (isUnseen(known)) return followAnew(answered);
  const wasTooEarly = known.settled === null && isOpen(known.status) && (known.isAcknowledged || known.acknowledgements > 0);
  return wasTooEarly
    ? acknowledgedWhenComplete({ ...answered, isAcknowledged: false, acknowledgements: 0 })
    : ignored('this webhook was answered before');
}

type Answer = MessageOf<typeof webhookAnswered>['data'];

/** Microsoft has not shown it so far. */
export const isUnseen = ({ settled, status }: Operation): boolean => settled === null && status === null;

/** Our looks at it are over, and none of them showed its end. */
export const isGivenUp = ({ settled }: Operation): boolean => settled === 'Invisible' || settled === 'Vanished' || settled === 'Stuck';

/** As before the first look. What was decided and answered stays. */
const anew = (operation: Operation): Operation => ({ ...operation, ...unseen, receivedAt: null });

/**
 * What is followed of an operation that Microsoft lists as outstanding (`listed`): our looks at it may be over, and it is open all the same, so it is taken up
 * again. Every other end stands.
 */
export function takenUpAgain(known: Operation, listed: Operation | null): Operation {
  if (!listed || !isGivenUp(known)) return known;
  return known.registration === listed.registration ? anew(known) : listed; // what another registration had named is not this one's
}

/**
 * Microsoft may decide ten seconds after an answer that it takes (contract 4.5), so it is looked at once more as if its webhook had come now.
 * `receivedAt`: when that came, where it is its first.
 */
export function followAnew(operation: Operation, receivedAt: string | null = null): Outcome<Operation> {
  const { subscriptionId, operationId, action } = operation;
  return changed({ ...anew(operation), receivedAt }, followOperation({ subscriptionId, operationId, action }));
}

function acknowledgedWhenComplete(operation: Operation): Outcome<Operation> {
  const { subscriptionId, operationId, action, settled } = operation;
  const isDue = !settled && dueAcknowledgement(operation) !== null;
  return isDue ? changed(operation, followOperation({ subscriptionId, operationId, action })) : changed(operation);
}

/** What Microsoft is to be sent about an open operation now, or null. */
export function dueAcknowledgement(operation: Operation): Acknowledgement | null {
  const acknowledgement = acknowledgementOf(operation);
  const mayBeSent = operation.answeredAt !== null || operation.receivedMs >= ACKNOWLEDGE_AFTER_MS;
  return acknowledgement && mayBeSent ? acknowledgement : null;
}

/**
 * What Microsoft is to be sent at once: the operation was first shown a moment ago, as open, so that another look would show the same. Only where nothing was sent
 * before: after that it is read first (rule 9).
 */
export function dueAtOnce(operation: Operation): Acknowledgement | null {
  const { shownMs, goneMs, acknowledgements, answeredAt } = operation;
  const wasSeenLately = shownMs !== null && shownMs < SEEN_LATELY_MS && goneMs === null;
  return wasSeenLately && acknowledgements === 0 && answeredAt !== null ? dueAcknowledgement(operation) : null;
}

/** How long a decision waits for our answer to the webhook; Infinity where there is nothing to send. */
export function untilAcknowledgementMs(operation: Operation): number {
  const isWaiting = acknowledgementOf(operation) !== null && operation.answeredAt === null && operation.receivedMs < ACKNOWLEDGE_AFTER_MS;
  return isWaiting ? ACKNOWLEDGE_AFTER_MS - operation.receivedMs : Infinity;
}

/**
 * Our own request (`Partner`) is never acknowledged: Microsoft answers that with 500. An acknowledgement of unknown outcome is repeated while it
 * can still count (rule 9).
 */
function acknowledgementOf({
  action,
  source,
  status,
  verdict,
  receivedMs,
  acknowledgements,
  isAcknowledged,
}: Operation): Acknowledgement | null {
  if (!verdict || isAcknowledged || !isOpen(status) || source === 'Partner') return null;
  const { acknowledgement, acknowledgeUntilMs } = traitsOf(action);
  const mayBeRepeated = acknowledgements === 0 || acknowledgeUntilMs === null || receivedMs < acknowledgeUntilMs;
  return mayBeRepeated ? acknowledgement[verdict] : null;
}

/** Records how Microsoft answered an acknowledgement, and says when the operation is read again: whatever it was, only that shows what holds. */
export function acknowledged(known: Operation, answer: AcknowledgementAnswer): { operation: Operation; againAfterMs: number } {
  if (answer === 'over') return { operation: { ...known, isAcknowledged: true }, againAfterMs: 0 };
  if (answer === 'not-taken')
    return { operation: known, againAfterMs: known.receivedMs < CHANGE_DECIDED_AFTER_MS ? SOON.pauseMs : LATER_PAUSE_MS };
  const acknowledgements = known.acknowledgements + 1;
  return { operation: { ...known, acknowledgements }, againAfterMs: acknowledgements < SOON.times ? SOON.pauseMs : LATER_PAUSE_MS };
}
