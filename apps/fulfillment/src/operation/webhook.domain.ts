import { operationAnnounced, type MessageOf, type webhookReceived, type webhookUnreadable } from '@landfall/contracts';
import { changed, ignored, type Effect, type Outcome } from '@landfall/messaging';
import type { OperationReading } from '../microsoft/microsoft.readings';
import { overtakenBy } from '../observation/overtaken.domain';
import { answeredAs, followAnew, isGivenUp, isUnseen } from './acknowledgement.domain';
import { announcementOf, firstLook, look, observed, settled, type Looked, type Seen } from './look.domain';
import type { Pace } from './look.schedule';
import { newOperation, type Announcement, type Operation } from './operation';
import { followOperation } from './operation.job';

type WebhookReceived = MessageOf<typeof webhookReceived>;
type WebhookUnreadable = MessageOf<typeof webhookUnreadable>;

/** The first look at an operation, made before its transaction. */
export interface FirstSeen extends Seen {
  readonly pace: Pace;
}

/** The webhook came to another registration than the one to which its subscription belongs: nothing was looked at. */
export interface Misdirected {
  readonly boundTo: string;
}

/** A look at an unnamed operation: the list of those that are outstanding stands for Get Operation. */
export interface Outstanding {
  /** Empty also where the list was not answered. */
  readonly outstanding: readonly ListedOperation[];
}

/** An operation as the list of outstanding ones names it. */
export interface ListedOperation extends OperationReading {
  readonly operationId: string;
}

/**
 * A webhook announces an operation: it is taken up with what Microsoft shows at once, and followed by its own job from there on. It waits for
 * nothing and holds up nothing (rule 5).
 */
export function takeUp(known: Operation | undefined, { data }: WebhookReceived, seen: FirstSeen | Misdirected): Outcome<Operation> {
  if ('boundTo' in seen) return notOurs(data, seen);
  if (known && !isForeign(known, data, seen)) {
    if (data.isReplay) return lookAnew(known, seen);
    return followedAlready(known, data);
  }
  return taken(firstLook(announcedBy(data), seen, seen.pace), seen);
}

/** Microsoft named it in its answer to a call of ours, and has not shown it: only the webhook says when it began. */
const isUndated = ({ timeStamp, status, settled }: Operation): boolean => timeStamp === null && status === null && settled === null;

/** Looked for in vain so far, since something else than a webhook has named it. */
const isWithoutWebhook = (known: Operation): boolean => isUnseen(known) && known.receivedAt === null && known.answeredAt === null;

/** Something else has named it before its webhook: what that alone says is when it began, and that it was answered. */
function followedAlready(known: Operation, webhook: WebhookReceived['data']): Outcome<Operation> {
  const operation = isUndated(known) && webhook.timeStamp ? { ...known, timeStamp: webhook.timeStamp } : known;
  const announced = operation === known ? [] : [operationAnnounced(announcementOf(operation))];
  if (isWithoutWebhook(known)) return lookedForAgain(operation, webhook, announced);
  const { registration, answeredAt } = webhook;
  const answered = answeredAt ? answeredAs(operation, { registration, answeredAt }) : undefined;
  if (answered?.kind === 'changed') return changed(answered.state, ...announced, ...answered.effects);
  return operation === known ? ignored('this operation is followed already (rule 4)') : changed(operation, ...announced);
}

/**
 * Its webhook has come now, and Microsoft may do it only after that (contract 4.5): LAG counts anew from here, once. At the address of another
 * registration it says nothing about this one.
 */
function lookedForAgain(known: Operation, webhook: WebhookReceived['data'], announced: readonly Effect[]): Outcome<Operation> {
  if (known.registration !== webhook.registration) return ignored('a webhook at the address of another registration');
  const again = followAnew({ ...known, answeredAt: webhook.answeredAt ?? null }, webhook.receivedAt);
  return { ...again, effects: [...announced, ...again.effects] };
}

/** A replay: the read that was made for it is published whatever was published before, and what has not ended is looked at now. */
function lookAnew(known: Operation, { read }: FirstSeen): Outcome<Operation> {
  if (isGivenUp(known)) return followAnew(known);
  const { subscriptionId, operationId, action } = known;
  const shown = [...observed({ ...known, publishedSnapshot: null }, read), ...overtakenBy(read)];
  return known.settled
    ? ignored('a replay of an operation that has ended', ...shown)
    : ignored('a replay of an operation that is followed', ...shown, followOperation({ subscriptionId, operationId, action }));
}

/**
 * Another registration's webhook named it first, and Microsoft shows the subscription to this one: nobody takes it away by naming it, nor by having
 * looked for it in vain.
 */
const isForeign = (known: Operation, { registration }: Pick<Announcement, 'registration'>, { read }: Seen): boolean =>
  known.registration !== registration && (known.settled === null || isGivenUp(known)) && read !== null;

const notOurs = ({ registration }: Pick<Announcement, 'registration'>, { boundTo }: Misdirected) =>
  ignored(`it came to registration ${registration}, and its subscription belongs to ${boundTo}`);

/** What a webhook announces. Most are answered when they are stored; the others, and a replay, wait for `webhook-answered`. */
export const announcedBy = (webhook: WebhookReceived['data']): Operation => ({
  ...newOperation({ ...announcement(webhook), operationId: webhook.operationId, action: webhook.action, isUnnamed: false }),
  answeredAt: webhook.answeredAt ?? null,
});

/**
 * A webhook that named no operation: each outstanding one is followed as if its webhook had come. Where none of them is the one that was meant, it
 * is looked for further, as an operation that is never shown (rule 5).
 */
export function takeUpUnnamed(
  known: Operation | undefined,
  { data }: WebhookUnreadable,
  seen: (FirstSeen & Outstanding) | Misdirected,
): Outcome<Operation> {
  if ('boundTo' in seen) return notOurs(data, seen);
  if (known) return data.isReplay ? lookAnew(known, seen) : ignored('this delivery is followed already');
  const operation = unnamedBy(data);
  const follow = followOutstanding(operation, seen);
  if (isFound(operation, seen)) {
    return ignored(
      'what it announces is outstanding, and is followed by its own id',
      ...observed(operation, seen.read),
      ...overtakenBy(seen.read),
      ...follow,
    );
  }
  const looked = firstLook(operation, seen, seen.pace);
  return taken({ ...looked, effects: [...looked.effects, ...follow] }, seen);
}

/** What a webhook without an operation announces, under the id of its delivery. */
export const unnamedBy = (webhook: WebhookUnreadable['data']): Operation =>
  newOperation({ ...announcement(webhook), operationId: webhook.deliveryId, action: webhook.action ?? '', isUnnamed: true });

/** The key of an unnamed operation's state. */
export const unnamedReference = ({ subscriptionId, deliveryId, action }: WebhookUnreadable['data']) => ({
  ...{ subscriptionId, operationId: deliveryId, action: action ?? '' },
});

/**
 * One look at an unnamed operation. What is outstanding is followed under its own id; the one that was meant ends the search, so that no change
 * is explained by the id of a delivery.
 */
export function lookForUnnamed(known: Operation, seen: Seen & Outstanding, pace: Pace): Looked {
  const looked = isFound(known, seen) && !known.settled ? settled(known, 'Invisible', seen.read) : look(known, seen, pace);
  return { ...looked, effects: [...looked.effects, ...followOutstanding(known, seen)] };
}

const isFound = (known: Operation, { outstanding }: Outstanding): boolean => outstanding.some((listed) => isMeant(known, listed));

const followOutstanding = (known: Operation, { outstanding }: Outstanding) => outstanding.map((listed) => followListed(known, listed));

const isMeant = (known: Operation, listed: ListedOperation): boolean =>
  listed.action === known.action &&
  (known.planId === null || known.planId === listed.planId) &&
  (known.quantity === null || known.quantity === listed.quantity);

function followListed(known: Operation, listed: ListedOperation) {
  const { operationId, action, source, planId, quantity, timeStamp } = listed;
  const isRevert = known.isRevert && isMeant(known, listed);
  const reference = { subscriptionId: known.subscriptionId, operationId, action };
  const receivedAt = isMeant(known, listed) ? known.receivedAt : null;
  const { registration } = known;
  return followOperation({ ...reference, listed: { registration, source, planId, quantity, timeStamp, isRevert, receivedAt } });
}

function taken({ operation, effects: told, againAfterMs }: Looked, { read }: Seen): Outcome<Operation> {
  const { subscriptionId, operationId, action } = operation;
  const effects = [...told, ...overtakenBy(read)];
  if (againAfterMs === null) return changed(operation, ...effects);
  return changed(operation, ...effects, followOperation({ subscriptionId, operationId, action }, { afterMs: againAfterMs }));
}

type Announced = Omit<Announcement, 'operationId' | 'action' | 'isUnnamed'>;
type Webhook = WebhookReceived['data'] | WebhookUnreadable['data'];

/** A replay comes long after its delivery: nobody's ten seconds run then. */
const announcement = (webhook: Webhook): Announced => {
  const { subscriptionId, registration, source, planId, quantity, timeStamp, isRevert, receivedAt, isReplay } = webhook;
  return { subscriptionId, registration, source, planId, quantity, timeStamp, isRevert, receivedAt: isReplay ? null : receivedAt };
};
