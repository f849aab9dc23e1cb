/** What a webhook's payload says of its operation (contract 4.3). A hint and no more: what counts is read from Microsoft (rule 1). */
interface Hint {
  /** `Azure` or `Partner`; null where the payload does not say. */
  readonly source: string | null;
  readonly planId: string | null;
  readonly quantity: number | null;
  /** When Microsoft began the operation, ISO 8601 in UTC to the millisecond; null where the payload does not say. */
  readonly timeStamp: string | null;
  /** The target is what the payload's own copy of the subscription has already: Microsoft takes a refused change back (contract 4.5). */
  readonly isRevert: boolean;
}

/** Of which offer and plan the payload says that its subscription is now; null where it does not say. Published nowhere. */
export interface OfferHint {
  readonly publisherId: string | null;
  /** As Microsoft writes it: of a preview with the ending `-preview` (contract 3.2). */
  readonly offerId: string | null;
  readonly planId: string | null;
}

export interface Notification extends Hint {
  readonly kind: 'notification';
  readonly operationId: string;
  readonly subscriptionId: string;
  readonly action: string;
  readonly offer: OfferHint;
}

export const unreadableReasons = ['not-json', 'no-operation', 'no-subscription', 'no-action'] as const;

/**
 * Authentic, and yet without an operation that could be asked for. Where it names a subscription, the outstanding operations of that one and itself are
 * read instead.
 */
export interface Unreadable extends Hint {
  readonly kind: 'unreadable';
  readonly reason: (typeof unreadableReasons)[number];
  readonly operationId: null;
  /** Null: never taken for a repetition. What the payload says of it is the `announcedAction`. */
  readonly action: null;
  readonly announcedAction: string | null;
  readonly subscriptionId: string | null;
}

const NIL = '00000000-0000-0000-0000-000000000000';
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TEXT_LENGTH = 200;
const UNSTORABLE = /\p{Cc}|\p{Cs}/u;
/** Before it lies .NET's empty date, `0001-01-01`. */
const FIRST_YEAR = 2000;
/** Behind it a zone may lead to a year of five digits, which no message takes. */
const LAST_YEAR = 9999;
const LARGEST_QUANTITY = 2_147_483_647;

/**
 * Reads a payload as leniently as Microsoft asks for: only `id`, `subscriptionId` and `action` may be assumed (older ones called it
 * `operationType`), a quantity may be a number, text, empty or null, and what is unknown is passed over.
 */
export function readNotification(body: Buffer): Notification | Unreadable {
  const payload = parsedObject(body);
  if (!payload) return unreadable('not-json', {});
  const subscriptionId = guid(payload['subscriptionId']) ?? guid(field(payload['subscription'], 'id'));
  const operationId = guid(payload['id']);
  const action = actionOf(payload);
  if (!subscriptionId) return unreadable('no-subscription', payload);
  if (!operationId) return unreadable('no-operation', payload, subscriptionId);
  if (!action) return unreadable('no-action', payload, subscriptionId);
  return { kind: 'notification', operationId, subscriptionId, action, ...hintOf(payload), offer: offerOf(payload, action) };
}

function unreadable(reason: Unreadable['reason'], payload: Record<string, unknown>, subscriptionId: string | null = null): Unreadable {
  const none = { operationId: null, action: null };
  return { kind: 'unreadable', reason, ...none, announcedAction: actionOf(payload), subscriptionId, ...hintOf(payload) };
}

const actionOf = (payload: Record<string, unknown>): string | null => text(payload['action']) ?? text(payload['operationType']);

function hintOf(payload: Record<string, unknown>): Hint {
  return {
    source: text(payload['operationRequestSource']) ?? text(payload['operationRequestedSource']), // its name in older payloads
    planId: text(payload['planId']),
    quantity: quantity(payload['quantity']),
    timeStamp: instant(payload['timeStamp']),
    isRevert: isRevert(payload),
  };
}

/** The payload's copy of the subscription comes first: beside it, a ChangePlan names the plan that is to be. */
function offerOf(payload: Record<string, unknown>, action: string): OfferHint {
  const named = (member: string) => text(field(payload['subscription'], member));
  return {
    publisherId: named('publisherId') ?? text(payload['publisherId']),
    offerId: named('offerId') ?? text(payload['offerId']),
    planId: named('planId') ?? (action === 'ChangePlan' ? null : text(payload['planId'])),
  };
}

/** A change to what its subscription has already. Only the target of the action counts. */
function isRevert(payload: Record<string, unknown>): boolean {
  const action = actionOf(payload);
  if (action === 'ChangePlan') return isSame(text, payload, 'planId');
  return action === 'ChangeQuantity' && isSame(quantity, payload, 'quantity');
}

function isSame(read: (value: unknown) => unknown, payload: Record<string, unknown>, member: string): boolean {
  const target = read(payload[member]);
  return target !== null && target === read(field(payload['subscription'], member));
}

function parsedObject(body: Buffer): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8').replace(/^\uFEFF/, ''));
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Record<string, unknown>) : null;
  } catch {
    return null; // reported as unreadable; the raw body is stored
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** Lower case, since a subscription must have one key whatever the spelling. The nil UUID is what an empty field looks like: it names nothing. */
function guid(value: unknown): string | null {
  const candidate = typeof value === 'string' ? value.trim().toLowerCase() : '';
  return GUID.test(candidate) && candidate !== NIL ? candidate : null;
}

/** Without control characters and halves of letters, which neither Postgres nor a topic takes. */
function text(value: unknown): string | null {
  const trimmed = typeof value === 'string' ? value.trim() : '';
  return trimmed !== '' && trimmed.length <= TEXT_LENGTH && !UNSTORABLE.test(trimmed) ? trimmed : null;
}

/** Microsoft writes seven digits of a second; three are kept. Without a zone it is UTC. */
const INSTANT = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})?$/;

function instant(value: unknown): string | null {
  const parts = typeof value === 'string' ? INSTANT.exec(value.trim()) : null;
  if (!parts) return null;
  const [, second, fraction = '', zone = 'Z'] = parts;
  const parsed = new Date(`${second}${fraction.slice(0, '.123'.length)}${zone}`);
  const year = parsed.getUTCFullYear(); // NaN of what is no instant
  return year >= FIRST_YEAR && year <= LAST_YEAR ? parsed.toISOString() : null;
}

function quantity(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d{1,10}$/.test(value.trim()) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= LARGEST_QUANTITY ? number : null;
}
