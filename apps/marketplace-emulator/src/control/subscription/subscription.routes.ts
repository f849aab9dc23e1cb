import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { LandingLinks } from '../../fulfillment/purchase/landing.links';
import { isRefusal } from '../../operation/operation';
import type { People } from '../../people/people';
import type { Shop, StoreAction } from '../../store/shop';
import type { Subscription } from '../../subscription/subscription';
import type { SubscriptionRepository } from '../../subscription/subscription.repository';
import { ControlInputError, controlSchemas, parsed } from '../control.schemas';
import { listSchemas, type SubscriptionFilter } from '../list.schemas';
import type { SubscriptionViews } from './subscription.views';

type SubscriptionRequest = FastifyRequest<{ Params: { subscriptionId: string } }>;

/** The control API's purchases and subscriptions: what happens on Microsoft's side without the publisher. */
export class SubscriptionControlRoutes {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly people: People,
    private readonly views: SubscriptionViews,
    private readonly shop: Shop,
    private readonly landingLinks: LandingLinks,
  ) {}

  register(server: FastifyInstance): void {
    server.post('/purchases', async (request, reply) => this.buy(request, reply));
    server.get('/subscriptions', async (request) => this.list(request));
    server.get(
      '/subscriptions/:subscriptionId',
      this.ofSubscription((subscription) => this.view(subscription)),
    );
    server.post(
      '/subscriptions/:subscriptionId/landing-links',
      this.ofSubscription((subscription) => ({ landingUrl: this.landingLinks.mint(subscription.id) })),
    );
    server.post(
      '/subscriptions/:subscriptionId/start',
      this.ofSubscription((subscription, _request, reply) => this.start(subscription, reply)),
    );
    this.registerAction(server, 'change-plan', (body) => ({ action: 'change-plan', ...parsed(controlSchemas.changePlan, body) }));
    this.registerAction(server, 'change-quantity', (body) => ({
      action: 'change-quantity',
      ...parsed(controlSchemas.changeQuantity, body),
    }));
    for (const action of ['suspend', 'reinstate', 'renew', 'unsubscribe'] as const) {
      this.registerAction(server, action, (body) => ({ action, ...parsed(controlSchemas.nothing, body) }));
    }
  }

  private registerAction(server: FastifyInstance, name: StoreAction['action'], read: (body: unknown) => StoreAction): void {
    const handler = this.ofSubscription((subscription, request, reply) => {
      const outcome = this.shop.act(subscription, read(request.body));
      if (!isRefusal(outcome)) return reply.code(202).send({ operationId: outcome.id });
      const status = {
        locked: 409,
        'wrong-status': 409,
        busy: 503,
        'not-allowed': 409,
        unchanged: 409,
        'not-available': 400,
        'out-of-limits': 400,
      }[outcome.refused];
      return reply.code(status).send({ error: outcome.message });
    });
    server.post(`/subscriptions/:subscriptionId/${name}`, handler);
  }

  private buy(request: FastifyRequest, reply: FastifyReply) {
    const outcome = this.shop.buy(parsed(controlSchemas.purchase, request.body));
    if ('field' in outcome) throw new ControlInputError(outcome.message, [{ field: outcome.field, problem: outcome.message }]);
    return reply.code(201).send({ subscriptionId: outcome.id, landingUrl: this.landingLinks.mint(outcome.id) });
  }

  /** What ends NotStarted is not documented (contract 12); here it is this call. */
  private start(subscription: Subscription, reply: FastifyReply) {
    const outcome = this.shop.start(subscription);
    return isRefusal(outcome) ? reply.code(409).send({ error: outcome.message }) : reply.code(200).send(this.view(outcome));
  }

  private list(request: FastifyRequest) {
    const { from, limit, ...filter } = parsed(listSchemas.subscriptions, request.query);
    const { subscriptions, next } = this.subscriptions.page(from, limit, (subscription) => this.fits(subscription, filter));
    return { subscriptions: subscriptions.map((subscription) => this.views.subscription(subscription)), next };
  }

  private fits(subscription: Subscription, { tenantId, ...wanted }: SubscriptionFilter): boolean {
    if (Object.entries(wanted).some(([member, value]) => value !== undefined && subscription[member as keyof typeof wanted] !== value))
      return false;
    return tenantId === undefined || this.people.get(subscription.beneficiaryId)?.tenantId === tenantId;
  }

  private view(subscription: Subscription) {
    return { ...this.views.subscription(subscription), operations: this.views.operationsOf(subscription) };
  }

  private ofSubscription(handler: (subscription: Subscription, request: SubscriptionRequest, reply: FastifyReply) => unknown) {
    return async (request: SubscriptionRequest, reply: FastifyReply) => {
      const subscription = this.subscriptions.get(request.params.subscriptionId);
      return subscription
        ? handler(subscription, request, reply)
        : reply.code(404).send({ error: `There is no subscription ${request.params.subscriptionId}.` });
    };
  }
}
