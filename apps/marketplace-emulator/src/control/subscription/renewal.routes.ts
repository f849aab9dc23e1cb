import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Atomically } from '../../state/atomically';
import type { SubscriptionRepository } from '../../subscription/subscription.repository';
import type { Clock } from '../../time/clock';
import { parsed } from '../control.schemas';
import type { SubscriptionViews } from './subscription.views';

const changesBody = z
  .strictObject({
    /** The customer's switch. No webhook is sent (contract 5.3). */
    autoRenew: z.boolean().optional(),
    /** At the end of the term the subscription becomes Suspended instead of being renewed; once. */
    nextPaymentFails: z.boolean().optional(),
  })
  .refine((changes) => Object.keys(changes).length > 0, 'must hold autoRenew or nextPaymentFails');

/** What decides how a subscription's term ends. */
export class RenewalRoutes {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly clock: Clock,
    private readonly atomically: Atomically,
    private readonly views: SubscriptionViews,
  ) {}

  register(server: FastifyInstance): void {
    server.patch<{ Params: { subscriptionId: string } }>('/subscriptions/:subscriptionId', async (request, reply) =>
      this.change(request.params.subscriptionId, request.body, reply),
    );
  }

  private change(subscriptionId: string, body: unknown, reply: FastifyReply) {
    const { subscriptions, clock, atomically } = this;
    const subscription = subscriptions.get(subscriptionId);
    if (!subscription) return reply.code(404).send({ error: `There is no subscription ${subscriptionId}.` });
    const changes = parsed(changesBody, body);
    if (subscription.status === 'Unsubscribed')
      return reply.code(409).send({ error: 'The subscription is Unsubscribed: it has no term that could end.' });
    const changed = atomically(() => subscriptions.put({ ...subscription, ...changes, lastModified: clock.timeStamp() }));
    return this.views.subscription(changed);
  }
}
