import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isGuid } from '../../guid';
import type { Addresses } from '../../identity/addresses';
import type { Cancellations } from '../../operation/cancellations';
import type { ChangeRequests } from '../../operation/change.requests';
import { isRefusal, type Operation, type Refusal } from '../../operation/operation';
import type { SettingsRepository } from '../../settings/settings.repository';
import type { Activation } from '../../subscription/activation';
import type { Subscription } from '../../subscription/subscription';
import type { SubscriptionRepository } from '../../subscription/subscription.repository';
import type { ApiAnswers } from '../api.answers';
import { apiErrors, sendRefusal } from '../api.error';
import { parametersOf } from '../query.parameters';
import type { AvailablePlans } from './available.plans';
import type { SubscriptionList } from './subscription.list';

type SubscriptionRequest = FastifyRequest<{ Params: { subscriptionId: string } }>;
type Handler = (subscription: Subscription, request: SubscriptionRequest, reply: FastifyReply) => unknown;

/** The subscription calls of the fulfillment API (contract 3.4 to 3.9). */
export class SubscriptionRoutes {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly settings: SettingsRepository,
    private readonly addresses: Addresses,
    private readonly answers: ApiAnswers,
    private readonly list: SubscriptionList,
    private readonly plans: AvailablePlans,
    private readonly activation: Activation,
    private readonly changes: ChangeRequests,
    private readonly cancellations: Cancellations,
  ) {}

  register(server: FastifyInstance): void {
    const path = '/saas/subscriptions/:subscriptionId';
    server.get('/saas/subscriptions', (request, reply) => this.listPage(request, reply));
    server.get(
      path,
      this.ofSubscription((subscription) => this.answers.subscription(subscription)),
    );
    server.post(
      `${path}/activate`,
      this.ofSubscription((subscription, request, reply) => this.activate(subscription, request, reply)),
    );
    server.get(
      `${path}/listAvailablePlans`,
      this.ofSubscription(
        (subscription, request, reply) => this.listPlans(subscription, request, reply),
        (reply) => (this.settings.current.unknownSubscriptionPlansStatus === 404 ? apiErrors.notFound(reply) : reply.code(200).send()),
      ),
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

  private ofSubscription(handler: Handler, unknown: (reply: FastifyReply) => FastifyReply = apiErrors.notFound) {
    return async (request: SubscriptionRequest, reply: FastifyReply) => {
      const { subscriptionId } = request.params;
      request.call.subscriptionId = subscriptionId.toLowerCase();
      const { settings } = this;
      const subscription = (request.staleView?.subscriptions ?? this.subscriptions).get(subscriptionId);
      if (subscription) return handler(subscription, request, reply);
      return !isGuid(subscriptionId) && settings.current.malformedIdStatus === 400 ? apiErrors.malformedId(reply) : unknown(reply);
    };
  }

  private async listPage(request: FastifyRequest, reply: FastifyReply) {
    const page = this.list.page(request.caller, parametersOf(request).get('continuationToken'), request.staleView?.subscriptions);
    if (page === 'no-body') return reply.code(200).send();
    return page ?? apiErrors.bad(reply, 'The continuation token is not valid.', 'BadArgument', 'continuationToken');
  }

  /** The body is ignored: it is optional since December 2022, and the plan in it was not verified before (contract 3.4). */
  private activate(subscription: Subscription, request: FastifyRequest, reply: FastifyReply) {
    const problem = this.settings.current.activateBody === 'validated' ? problemIn(request.body, subscription) : undefined;
    if (problem && subscription.status !== 'Unsubscribed')
      return apiErrors.bad(reply, `${problem} is missing or differs from the purchase.`, 'BadArgument', problem);
    const outcome = this.activation.request(subscription);
    if (outcome === 'received') return reply.code(200).send();
    return outcome === 'gone' ? apiErrors.notFound(reply) : sendRefusal(reply, outcome, 400);
  }

  private listPlans(subscription: Subscription, request: FastifyRequest, reply: FastifyReply) {
    if (subscription.status === 'Unsubscribed') {
      if (this.settings.current.unsubscribedPlansStatus === 404) return apiErrors.notFound(reply);
      return reply.code(403).send({ message: 'The subscription is unsubscribed.', code: 'Forbidden' });
    }
    return this.plans.of(subscription, parametersOf(request).get('planId'));
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

/** What the documents until mid-2022 have found wrong with the body of Activate (contract 3.4); a flat rate has no quantity. */
function problemIn(body: unknown, { planId, quantity }: Subscription): 'planId' | 'quantity' | undefined {
  const members = typeof body === 'object' && body !== null ? body : {};
  if (!('planId' in members) || members.planId !== planId) return 'planId';
  const given = 'quantity' in members && members.quantity !== '' ? members.quantity : null;
  return given === quantity ? undefined : 'quantity';
}
