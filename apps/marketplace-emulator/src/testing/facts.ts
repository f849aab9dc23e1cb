import type { StateBefore, CallEnded, DeliveryEnded, Fact } from '../breaches/fact';
import { evaluate, type Found, type Rule, type TakenBack, type RuleContext } from '../breaches/rule';
import type { Operation } from '../operation/operation';
import { defaultSettings } from '../settings/settings';
import type { Subscription } from '../subscription/subscription';
import type { Delivery } from '../webhook/delivery/delivery';

/**
 * Facts for the specs of rules. Their clock starts at 2026-01-31T12:00:00Z; business and real time are the same unless a spec sets them
 * apart.
 */
export const startMs = Date.parse('2026-01-31T12:00:00Z');
export const subscriptionId = 'b8d6908b-0058-413a-cd62-000000000001';
export const operationId = '74dfb4db-c193-4891-827d-eb05fbdc64b0';

export const after = (seconds: number) => startMs + seconds * 1_000;
const stampOf = (atMs: number) => new Date(atMs).toISOString();

export function aSubscription(changes: Partial<Subscription> = {}): Subscription {
  return {
    id: subscriptionId,
    status: 'Subscribed',
    channel: 'direct',
    created: stampOf(after(1)),
    pendingOperationId: null,
    ...changes,
  } as Subscription;
}

export function anOperation(changes: Partial<Operation> = {}): Operation {
  return {
    id: operationId,
    subscriptionId,
    action: 'ChangePlan',
    requestSource: 'Azure',
    status: 'InProgress',
    reverts: null,
    settledBy: null,
    timeStamp: stampOf(after(10)),
    ...changes,
  } as Operation;
}

/** A call that was answered `seconds` after the start of the clock. */
export function aCall(seconds: number, changes: Partial<CallEnded> = {}): CallEnded {
  return {
    kind: 'call-ended',
    atMs: after(seconds),
    beganAtMs: after(seconds) - 5,
    endedAtMs: after(seconds),
    route: 'getSubscription',
    method: 'GET',
    path: '/api/saas/subscriptions/b8d6908b-0058-413a-cd62-000000000001',
    apiVersion: '2018-08-31',
    continuation: null,
    fromBrowser: false,
    token: null,
    status: 200,
    answer: undefined,
    retryAfterMs: null,
    faultId: null,
    caller: 'publisher',
    requestId: `request-${seconds}`,
    sentRequestId: `request-${seconds}`,
    subscriptionId: null,
    operationId: null,
    isForeign: false,
    body: undefined,
    before: undefined,
    purchaseToken: null,
    ...changes,
  };
}

/** A webhook of which the answer came `seconds` after the start of the clock. */
export function aDelivery(seconds: number, changes: Partial<Delivery> = {}, operation: Operation = anOperation()): DeliveryEnded {
  const delivery = {
    id: `delivery-${seconds}`,
    operationId: operation.id,
    subscriptionId: operation.subscriptionId,
    action: operation.action,
    attempt: 1,
    tookMs: 20,
    requestId: `request-${seconds}`,
    answer: { status: 200, body: '' },
    error: null,
    verdict: 'received',
    kind: 'genuine',
    badToken: null,
    unsignedToken: null,
    requestBody: {},
    ...changes,
  } as Delivery;
  return { kind: 'delivery-ended', atMs: after(seconds), endedAtMs: after(seconds), delivery, operation };
}

/** What was stored before a call; by default nothing. */
export function stateBefore(changes: Partial<StateBefore> = {}): StateBefore {
  return { subscription: undefined, operation: undefined, pending: undefined, answerWaits: false, ...changes };
}

export function timePasses(untilSeconds: number): Fact {
  return { kind: 'time-passed', atMs: after(untilSeconds), nowMs: after(untilSeconds) };
}

/** What a rule finds in these facts, in this order. */
export function findings(rule: Rule, facts: readonly Fact[], context: Partial<RuleContext> = {}): (Found | TakenBack)[] {
  const watch = rule.watch({ sinceMs: startMs, settings: defaultSettings, ...context });
  return facts.flatMap((fact) => evaluate(watch, fact));
}
