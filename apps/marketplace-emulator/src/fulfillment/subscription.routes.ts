import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Addresses } from '../identity/addresses';
import type { Marketplace } from '../marketplace';
import type { Cancellations } from '../operation/cancellations';
import type { ChangeRequests } from '../operation/change.requests';
import { isRefusal, type Operation, type Refusal } from '../operation/operation';
import type { Activation } from '../subscription/activation';
import type { Subscription } from '../subscription/subscription';
import { shownOfferId, subscriptionInRest } from '../subscription/subscription.wire';
import { apiErrors, sendRefusal } from './api.error';
import { refuseAuthorization } from './auth.failure';
import { availablePlans } from './available.plans';
import type { PurchaseTokens } from './purchase.tokens';
import { parametersOf } from './query.parameters';
import type { SubscriptionList } from './subscription.list';

type SubscriptionRequest = FastifyRequest<{ Params: { subscriptionId: string } }>;
type Handler = (subscription: Subscription, request: SubscriptionRequest, reply: FastifyReply) => unknown;

/** The subscription calls of the fulfillment API (contract 3.3 to 3.9). */
export class SubscriptionRoutes {
  constructor(
    private readonly marketplace: Marketplace,
    private readonly addresses: Addresses,
    private readonly purchaseTokens: PurchaseTokens,
    private readonly list: SubscriptionList,
    private readonly activation: Activation,
    private readonly changes: ChangeRequests,
    private readonly cancellations: Cancellations,
  ) {}

  register(server: FastifyInstance): void {
    const path = '/saas/subscriptions/:subscriptionId';
    server.post('/saas/subscriptions/resolve', (request, reply) => this.resolve(request, reply));
    server.get('/saas/subscriptions', (request, reply) => this.listPage(request, reply));
    server.get(
      path,
      this.ofSubscription((subscription) => subscriptionInRest(subscription, this.marketplace)),
    );
    server.post(
      `${path}/activate`,
      this.ofSubscription((subscription, _request, reply) => this.activate(subscription, reply)),
    );
    server.get(
      `${path}/listAvailablePlans`,
      this.ofSubscription((subscription, request, reply) => this.listPlans(subscription, request, reply)),
    );
    server.patch(
      path,
      this.ofSubscription((subscription, request, reply) => this.change(subscription, request, reply)),
    );
    server.delete(
      path,
      this.ofSubscription((subscription, request, reply) => this.cancel(subscription, request, reply)),
    );
  }

  private ofSubscription(handler: Handler) {
    return async (request: SubscriptionRequest, reply: FastifyReply) => {
      request.call.subscriptionId = request.params.subscriptionId.toLowerCase();
      const subscription = this.marketplace.subscriptions.get(request.params.subscriptionId);
      return subscription ? handler(subscription, request, reply) : apiErrors.notFound(reply);
    };
  }

  private async resolve(request: FastifyRequest, reply: FastifyReply) {
    const token = request.headers['x-ms-marketplace-token'];
    const bad = (message: string, code: string) => apiErrors.bad(reply, message, code, 'x-ms-marketplace-token');
    if (typeof token !== 'string' || token === '') return bad('Mandatory header missing', 'HeaderNotPresent');
    const read = this.purchaseTokens.read(token);
    if (read === 'invalid') return bad('The token could not be decrypted.', 'InvalidValue');
    if (read === 'expired') return bad('The token has expired.', 'InvalidValue');
    const subscription = this.marketplace.subscriptions.get(read.subscriptionId);
    if (!subscription) return bad('The token is for a subscription that does not exist.', 'InvalidValue');
    request.call.subscriptionId = subscription.id;
    if (!this.marketplace.applications.mayUse(request.caller, subscription)) return refuseAuthorization(reply, this.marketplace.settings);
    const { id, name, planId, quantity } = subscription;
    const seats = quantity === null ? {} : { quantity };
    return {
      ...{ id, subscriptionName: name, offerId: shownOfferId(subscription), planId, ...seats },
      subscription: subscriptionInRest(subscription, this.marketplace),
    };
  }

  private async listPage(request: FastifyRequest, reply: FastifyReply) {
    const page = this.list.page(request.caller, parametersOf(request).get('continuationToken'));
    return page ?? apiErrors.bad(reply, 'The continuation token is not valid.', 'BadArgument', 'continuationToken');
  }

  /** The body is not looked at: it is optional since December 2022, and the plan in it was not verified before (contract 3.4). */
  private activate(subscription: Subscription, reply: FastifyReply) {
    const outcome = this.activation.request(subscription);
    if (outcome === 'received') return reply.code(200).send();
    return outcome === 'gone' ? apiErrors.notFound(reply) : sendRefusal(reply, outcome, 400);
  }

  private listPlans(subscription: Subscription, request: FastifyRequest, reply: FastifyReply) {
    if (subscription.status === 'Unsubscribed')
      return reply.code(403).send({ message: 'The subscription is unsubscribed.', code: 'Forbidden' });
    return availablePlans(subscription, parametersOf(request).get('planId'), this.marketplace);
  }

  private change(subscription: Subscription, request: SubscriptionRequest, reply: FastifyReply) {
    const body = typeof request.body === 'object' && request.body !== null ? request.body : {};
    const planId = 'planId' in body ? body.planId : undefined;
    const quantity = 'quantity' in body ? body.quantity : undefined;
    const [hasPlan, hasQuantity] = [planId !== undefined && planId !== null, quantity !== undefined && quantity !== null];
    if (hasPlan && hasQuantity) return apiErrors.bad(reply, 'Only one field can be changed per request.');
    const asked = { source: 'Partner' as const, operationId: this.operationIdFor(request) };
    if (hasPlan) {
      if (typeof planId !== 'string') return apiErrors.bad(reply, 'planId must be a string.', 'BadArgument', 'planId');
      return this.accepted(this.changes.changePlan(subscription, planId, asked), request, reply, 400);
    }
    if (typeof quantity !== 'number' || !Number.isSafeInteger(quantity) || quantity < 1) {
      return apiErrors.bad(reply, 'planId or a positive whole quantity is required.', 'BadArgument', 'quantity');
    }
    return this.accepted(this.changes.changeQuantity(subscription, quantity, asked), request, reply, 400);
  }

  private cancel(subscription: Subscription, request: SubscriptionRequest, reply: FastifyReply) {
    return this.accepted(this.cancellations.request(subscription, this.operationIdFor(request)), request, reply, 409);
  }

  private operationIdFor(request: FastifyRequest): string | undefined {
    return request.call.isGenerated ? request.call.requestId : undefined;
  }

  private accepted(outcome: Operation | Refusal, request: FastifyRequest, reply: FastifyReply, lockedStatus: 400 | 409) {
    if (isRefusal(outcome)) return sendRefusal(reply, outcome, lockedStatus);
    request.call.operationId = outcome.id;
    const location = `${this.addresses.linkedApiUrl}/saas/subscriptions/${outcome.subscriptionId}/operations/${outcome.id}?api-version=2018-08-31`;
    return reply.code(202).header('operation-location', location).header('operation-id', outcome.id).header('retry-after', '10').send();
  }
}
