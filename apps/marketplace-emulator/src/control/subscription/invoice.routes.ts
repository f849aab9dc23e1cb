import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { invoiceOf } from '../../metering/invoice/invoice';
import type { UsageRepository } from '../../metering/usage/usage.repository';
import type { Catalogue } from '../../offers/catalogue';
import { agreedPlan, discountOf } from '../../subscription/private.offer';
import type { SubscriptionHistory } from '../../subscription/subscription.history';
import type { SubscriptionRepository } from '../../subscription/subscription.repository';

type SubscriptionRequest = FastifyRequest<{ Params: { subscriptionId: string } }>;

/** What a subscription has cost so far: close to Microsoft's invoice, which alone is authoritative (contract 3.7, 5.4, 6.3). */
export class InvoiceRoutes {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly catalogue: Catalogue,
    private readonly history: SubscriptionHistory,
    private readonly usage: UsageRepository,
  ) {}

  register(server: FastifyInstance): void {
    server.get('/subscriptions/:subscriptionId/invoice', async (request: SubscriptionRequest, reply) => this.invoice(request, reply));
  }

  /**
   * Usage that reconciliation rejected is not billed. Usage that is no longer kept is missing; `isComplete` and `usageMissingUpTo` show it.
   */
  private invoice({ params }: SubscriptionRequest, reply: FastifyReply) {
    const subscription = this.subscriptions.get(params.subscriptionId);
    if (!subscription) return reply.code(404).send({ error: `There is no subscription ${params.subscriptionId}.` });
    const { id, offerId, created, isTest, sessionMode } = subscription;
    const { catalogue } = this;
    const plan = catalogue.planOf(subscription);
    const usage = this.usage.days((day) => day.subscriptionId === id && day.forced?.reconStatus !== 'Rejected');
    return {
      subscriptionId: id,
      offerId,
      currency: usage.at(-1)?.currency ?? plan.billingTerms[0]?.currency ?? null,
      isApproximate: true,
      isBilled: !isTest && sessionMode !== 'DryRun',
      isComplete: !this.history.isCut(subscription),
      usageMissingUpTo: this.usage.missingUpTo ?? null,
      ...invoiceOf({
        boughtAtMs: Date.parse(created),
        stretches: this.history.of(subscription),
        usage,
        planOf: (planId, termStartMs) => agreedPlan(catalogue.planOf({ offerId, planId }), subscription, termStartMs),
        discountOf: (planId, termStartMs) => discountOf(subscription, planId, termStartMs),
      }),
    };
  }
}
