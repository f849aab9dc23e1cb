import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ControlInputError, controlSchemas, parsed } from '../control/control.schemas';
import type { LandingLinks } from '../fulfillment/purchase/landing.links';
import { limits } from '../limits';
import type { Catalogue } from '../offers/catalogue';
import { isRefusal, type Operation } from '../operation/operation';
import type { OperationRepository } from '../operation/operation.repository';
import type { People } from '../people/people';
import type { SettingsRepository } from '../settings/settings.repository';
import type { RingBuffer } from '../state/ring.buffer';
import type { Subscription } from '../subscription/subscription';
import type { SubscriptionRepository } from '../subscription/subscription.repository';
import type { Views } from '../views/views';
import type { Delivery } from '../webhook/delivery/delivery';
import type { WebhookQueue } from '../webhook/webhook.queue';
import { planLabel, termsOf } from './plan.label';
import type { Shop, StoreAction } from './shop';

type SubscriptionRequest = FastifyRequest<{ Params: { subscriptionId: string } }>;

const actions = ['change-plan', 'change-quantity', 'suspend', 'reinstate', 'renew', 'unsubscribe'] as const;

/** The store, where a person buys and changes. Plain forms: every act is a POST that ends in a redirect. */
export class StoreRoutes {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly operations: OperationRepository,
    private readonly people: People,
    private readonly catalogue: Catalogue,
    private readonly webhooks: Pick<WebhookQueue, 'get'>,
    private readonly settings: SettingsRepository,
    private readonly shop: Shop,
    private readonly landingLinks: LandingLinks,
    private readonly deliveries: RingBuffer<Delivery>,
    private readonly views: Views,
  ) {}

  register(server: FastifyInstance): void {
    server.get('/', async ({ protocol, host }, reply) => this.views.page(reply, 'home', { controlUrl: `${protocol}://${host}/control` }));
    server.get('/favicon.ico', async (_request, reply) => reply.code(204).send());
    server.get('/store', async (request, reply) => this.showStore(request, reply));
    server.get('/store/no-landing-page', async (request, reply) =>
      this.views.page(reply, 'no-landing-page', { token: parameter(request, 'token') }),
    );
    server.post('/store/purchases', async (request, reply) => this.buy(request, reply));
    server.get(
      '/store/subscriptions/:subscriptionId',
      this.ofSubscription((subscription, request, reply) => this.showSubscription(subscription, request, reply)),
    );
    server.get(
      '/store/subscriptions/:subscriptionId/configure',
      this.ofSubscription((subscription, _request, reply) => reply.redirect(this.landingLinks.mint(subscription.id), 303)),
    );
    for (const action of actions) {
      server.post(
        `/store/subscriptions/:subscriptionId/${action}`,
        this.ofSubscription((subscription, request, reply) => this.act(subscription, action, request, reply)),
      );
    }
  }

  private showStore(request: FastifyRequest, reply: FastifyReply) {
    const { subscriptions, catalogue, people, settings } = this;
    return this.views.page(reply, 'store', {
      message: parameter(request, 'message'),
      offers: catalogue.offers,
      planLabel,
      termsOf,
      connected: settings.current,
      people: people.all().slice(0, limits.signInPagePeople),
      subscriptions: subscriptions.newest(limits.storePageSubscriptions).map((subscription) => this.shown(subscription)),
      total: subscriptions.size,
    });
  }

  private showSubscription(subscription: Subscription, request: FastifyRequest, reply: FastifyReply) {
    const operations = this.operations.ofSubscription(subscription.id).reverse();
    const deliveries = this.deliveries
      .newest(limits.storePageDeliveries, (delivery) => delivery.subscriptionId === subscription.id)
      .reverse();
    const waits = ({ id }: Operation) => this.webhooks.get(id) !== undefined;
    const message = parameter(request, 'message');
    return this.views.page(reply, 'subscription-page', { ...this.shown(subscription), operations, targetOf, waits, deliveries, message });
  }

  private shown(subscription: Subscription) {
    const offer = this.catalogue.offerOf(subscription);
    const beneficiary = this.people.get(subscription.beneficiaryId);
    return {
      subscription,
      offer,
      plans: offer.plans.filter((plan) => !plan.isStopSell && plan.planId !== subscription.planId),
      beneficiary: beneficiary ? `${beneficiary.displayName}, ${beneficiary.organisation}` : subscription.beneficiaryId,
      pending: subscription.pendingOperationId ? this.operations.get(subscription.pendingOperationId) : undefined,
    };
  }

  private buy(request: FastifyRequest, reply: FastifyReply) {
    const form = formOf(request);
    return this.orExplain(reply, '/store', () => {
      const outcome = this.shop.buy(
        parsed(controlSchemas.purchase, {
          offerId: form.get('offerId') ?? undefined,
          planId: form.get('planId') ?? undefined,
          quantity: wholeNumber(form.get('quantity')),
          termUnit: form.get('termUnit') ?? undefined,
          trial: form.has('trial') || undefined,
          beneficiary: form.get('beneficiary') ?? undefined,
          channel: form.get('channel') ?? undefined,
        }),
      );
      if ('field' in outcome) throw new ControlInputError(outcome.message);
      return reply.redirect(`/store/subscriptions/${outcome.id}`, 303);
    });
  }

  private act(subscription: Subscription, action: StoreAction['action'], request: FastifyRequest, reply: FastifyReply) {
    const page = `/store/subscriptions/${subscription.id}`;
    return this.orExplain(reply, page, () => {
      const outcome = this.shop.act(subscription, actionFrom(action, formOf(request)));
      if (isRefusal(outcome)) throw new ControlInputError(outcome.message);
      return reply.redirect(page, 303);
    });
  }

  /** Wrong input and refusals come back as a message on the page where they were asked for. */
  private orExplain(reply: FastifyReply, page: string, act: () => FastifyReply): FastifyReply {
    try {
      return act();
    } catch (error) {
      if (error instanceof ControlInputError) return reply.redirect(`${page}?${new URLSearchParams({ message: error.message })}`, 303);
      throw error;
    }
  }

  private ofSubscription(handler: (subscription: Subscription, request: SubscriptionRequest, reply: FastifyReply) => FastifyReply) {
    return async (request: SubscriptionRequest, reply: FastifyReply) => {
      const subscription = this.subscriptions.get(request.params.subscriptionId);
      return subscription
        ? handler(subscription, request, reply)
        : reply.redirect(`/store?${new URLSearchParams({ message: 'There is no such subscription.' })}`, 303);
    };
  }
}

function actionFrom(action: StoreAction['action'], form: URLSearchParams): StoreAction {
  switch (action) {
    case 'change-plan':
      return { action, ...parsed(controlSchemas.changePlan, { planId: form.get('planId') }) };
    case 'change-quantity':
      return { action, ...parsed(controlSchemas.changeQuantity, { quantity: wholeNumber(form.get('quantity')) }) };
    case 'suspend':
    case 'reinstate':
    case 'renew':
    case 'unsubscribe':
      return { action };
  }
}

/** What a change leads to, as the page puts it behind the action; nothing for what is no change. */
function targetOf({ action, planId, quantity }: Operation): string {
  if (action === 'ChangePlan') return ` to ${planId}`;
  return action === 'ChangeQuantity' ? ` to ${quantity} seats` : '';
}

function formOf(request: FastifyRequest): URLSearchParams {
  return request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
}

function wholeNumber(text: string | null): number | undefined {
  return text === null || text === '' ? undefined : Number(text);
}

function parameter(request: FastifyRequest, name: string): string | null {
  return new URLSearchParams(request.url.split('?', 2)[1] ?? '').get(name);
}
