/** What a webhook's payload says (contract 4.3). A hint and no more: what counts is read from Microsoft (rule 1). */
export interface Notification {
  readonly kind: 'notification';
  readonly operationId: string;
  readonly subscriptionId: string;
  readonly action: string;
  /** `Azure` or `Partner`; null where the payload does not say. */
  readonly source: string | null;
  readonly planId: string | null;
  readonly quantity: number | null;
}

/** Authentic, and yet not to be understood. Where it names a subscription, that one is read instead. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly reason: 'not-json' | 'no-operation' | 'no-subscription' | 'no-action';
  readonly operationId: null;
  readonly action: null;
  readonly subscriptionId: string | null;
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TEXT_LENGTH = 200;
const UNSTORABLE = /\p{Cc}|\p{Cs}/u;
const LARGEST_QUANTITY = 2_147_483_647;

/**
 * Reads a payload as leniently as Microsoft asks for: only `id`, `subscriptionId` and `action` may be assumed (older ones called it
 * `operationType`), a quantity may be a number, text, empty or null, and what is unknown is passed over.
 */
export function readNotification(body: Buffer): Notification | Unreadable {
  const payload = parsedObject(body);
  if (!payload) return unreadable('not-json');
  const subscriptionId = guid(payload['subscriptionId']) ?? guid(field(payload['subscription'], 'id'));
  const operationId = guid(payload['id']);
  const action = text(payload['action']) ?? text(payload['operationType']);
  if (!subscriptionId) return unreadable('no-subscription');
  if (!operationId) return unreadable('no-operation', subscriptionId);
  if (!action) return unreadable('no-action', subscriptionId);
  return {
    kind: 'notification',
    operationId,
    subscriptionId,
    action,
    source: text(payload['operationRequestSource']) ?? text(payload['operationRequestedSource']), // its name in older payloads
    planId: text(payload['planId']),
    quantity: quantity(payload['quantity']),
  };
}

function unreadable(reason: Unreadable['reason'], subscriptionId: string | null = null): Unreadable {
  return { kind: 'unreadable', reason, operationId: null, action: null, subscriptionId };
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

/** Lower case, since a subscription must have one key whatever the spelling. */
function guid(value: unknown): string | null {
  const candidate = typeof value === 'string' ? value.trim().toLowerCase() : '';
  return GUID.test(candidate) ? candidate : null;
}

/** Without control characters and halves of letters, which neither Postgres nor a topic takes. */
function text(value: unknown): string | null {
  const trimmed = typeof value === 'string' ? value.trim() : '';
  return trimmed !== '' && trimmed.length <= TEXT_LENGTH && !UNSTORABLE.test(trimmed) ? trimmed : null;
}

function quantity(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d{1,10}$/.test(value.trim()) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= LARGEST_QUANTITY ? number : null;
}
