import type { FastifyRequest } from 'fastify';
import type { PurchaseTokens } from '../fulfillment/purchase/purchase.tokens';
import { limits } from '../limits';
import type { OperationRepository } from '../operation/operation.repository';
import type { SubscriptionRepository } from '../subscription/subscription.repository';
import { factsOf, type FaultContext, type FaultSubject } from './fault.context';
import { routeOf } from './route/route.lookup';
import { surfaceOf, type Surface } from './route/route.names';

/** Finds out what a call is about. Nothing is taken for granted: what cannot be read is left out, and the call is handled as usual. */
export class CallContext {
  constructor(
    private readonly marketplace: { subscriptions: Pick<SubscriptionRepository, 'get'>; operations: Pick<OperationRepository, 'get'> },
    private readonly purchaseTokens: Pick<PurchaseTokens, 'read'>,
  ) {}

  /** `surface` is where the address belongs if it is no route. Before its body was read, only its address and headers count. */
  of(request: FastifyRequest, surface: Surface): FaultContext {
    const route = routeOf(request) ?? null;
    return {
      surface: route ? surfaceOf(route) : surface,
      route,
      method: request.method,
      subscriptions: this.subscriptionIds(request).map((id) => this.subject(id)),
      ...this.operation(request),
    };
  }

  private subscriptionIds(request: FastifyRequest): string[] {
    const inPath = memberOf(request.params, 'subscriptionId');
    if (typeof inPath === 'string') return [inPath];
    if (routeOf(request) === 'resolveSubscription') return this.bought(request.headers['x-ms-marketplace-token']);
    const events = memberOf(request.body, 'request');
    const reported = Array.isArray(events) ? events.slice(0, limits.faultSubjects) : [request.body];
    return reported.map((event) => memberOf(event, 'resourceId')).filter((id) => typeof id === 'string');
  }

  private bought(purchaseToken: unknown): string[] {
    const read = typeof purchaseToken === 'string' ? this.purchaseTokens.read(purchaseToken) : 'invalid';
    return typeof read === 'string' ? [] : [read.subscriptionId];
  }

  private subject(id: string): FaultSubject {
    const known = this.marketplace.subscriptions.get(id);
    return { subscriptionId: id.toLowerCase(), offerId: known?.offerId ?? null, planId: known?.planId ?? null };
  }

  private operation(request: FastifyRequest): Pick<FaultContext, 'action' | 'initiator' | 'operationStatus' | 'operationKey'> {
    const { operations, subscriptions } = this.marketplace;
    const id = memberOf(request.params, 'operationId');
    const operation = typeof id === 'string' ? operations.get(id) : undefined;
    const facts = factsOf(operation, operation && subscriptions.get(operation.subscriptionId)?.position);
    if (operation) return { ...facts, action: operation.action, initiator: operation.requestSource };
    const action = actionAskedBy(request);
    return { ...facts, action, initiator: action === null ? null : 'Partner' };
  }
}

function actionAskedBy(request: FastifyRequest): string | null {
  switch (routeOf(request)) {
    case 'cancelSubscription':
      return 'Unsubscribe';
    case 'updateSubscription':
      if (memberOf(request.body, 'planId') !== undefined) return 'ChangePlan';
      return memberOf(request.body, 'quantity') === undefined ? null : 'ChangeQuantity';
    default:
      return null;
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
