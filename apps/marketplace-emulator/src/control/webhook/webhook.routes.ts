import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isGuid } from '../../guid';
import { limits } from '../../limits';
import { SeededRandom } from '../../seeded.random';
import type { SubscriptionRepository } from '../../subscription/subscription.repository';
import { timeStampOf } from '../../time/clock';
import type { DispatchPause } from '../../webhook/delivery/dispatch.pause';
import type { ManualDeliveries } from '../../webhook/delivery/manual.deliveries';
import type { WebhookDispatcher } from '../../webhook/delivery/webhook.dispatcher';
import { payloadVariantList } from '../../webhook/payload.variants';
import { badTokenNames, badTokens } from '../../webhook/token/bad.tokens';
import type { WaitingWebhook } from '../../webhook/waiting.webhook';
import type { WebhookQueue } from '../../webhook/webhook.queue';
import { controlSchemas, parsed } from '../control.schemas';
import { alteration, sent } from './delivery.routes';

const listedByDefault = 200;

const listSchema = z.strictObject({
  subscriptionId: z.string().refine(isGuid, 'must be a GUID').toLowerCase().optional(),
  action: z.string().max(100).optional(),
  from: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(limits.controlPageEntries).optional(),
});

const resumeSchema = z
  .strictObject({ order: z.enum(['as-due', 'shuffled']).optional(), seed: z.int().min(0).max(0xffff_ffff).optional() })
  .refine(({ order, seed }) => seed === undefined || order === 'shuffled', { path: ['seed'], error: "goes with order 'shuffled' alone" });

const craftSchema = z.strictObject({ action: z.string().min(1).max(100), ...alteration });

type CraftRequest = FastifyRequest<{ Params: { subscriptionId: string } }>;

/** Webhooks that have not been received yet: the list of them, pause and resume, delivery by hand. */
export class WebhookRoutes {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly webhooks: WebhookQueue,
    private readonly pause: DispatchPause,
    private readonly dispatcher: WebhookDispatcher,
    private readonly manual: ManualDeliveries,
  ) {}

  register(server: FastifyInstance): void {
    server.get('/webhooks', async (request) => this.list(request));
    server.get('/webhooks/bad-tokens', async () => ({
      badTokens: badTokenNames.map((name) => ({ name, ...badTokens[name] })),
    }));
    server.get('/webhooks/payload-variants', async () => ({ payloadVariants: payloadVariantList }));
    server.post('/subscriptions/:subscriptionId/webhooks', async (request: CraftRequest, reply) => this.craft(request, reply));
    server.post('/webhooks/pause', async (request) => {
      parsed(controlSchemas.nothing, request.body);
      this.pause.begin();
      return this.summary();
    });
    server.post('/webhooks/resume', async (request) => this.resume(request));
    server.post('/webhooks/:operationId/deliver', async (request: FastifyRequest<{ Params: { operationId: string } }>, reply) => {
      parsed(controlSchemas.nothing, request.body);
      return sent(await this.manual.deliverNow(request.params.operationId.toLowerCase()), reply);
    });
  }

  private list(request: FastifyRequest) {
    const { subscriptionId, action, from = 0, limit = listedByDefault } = parsed(listSchema, request.query);
    const fitting = [...this.webhooks.all()].filter(
      ({ payload }) =>
        (subscriptionId === undefined || payload.subscriptionId === subscriptionId) && (action === undefined || payload.action === action),
    );
    const next = from + limit < fitting.length ? from + limit : null;
    return { ...this.summary(), webhooks: fitting.slice(from, from + limit).map((webhook) => this.shown(webhook)), next };
  }

  private resume(request: FastifyRequest) {
    const { order = 'as-due', seed = 1 } = parsed(resumeSchema, request.body);
    this.dispatcher.resume(order === 'shuffled' ? (ids) => new SeededRandom(seed).shuffled(ids) : (ids) => ids);
    return this.summary();
  }

  private async craft(request: CraftRequest, reply: FastifyReply) {
    const { action, ...changes } = parsed(craftSchema, request.body);
    const subscription = this.subscriptions.get(request.params.subscriptionId);
    if (subscription) return sent(await this.manual.craft(subscription, action, changes), reply);
    return reply.code(404).send({ error: `There is no subscription ${request.params.subscriptionId}.` });
  }

  private summary() {
    return { pausedSince: this.pause.since, total: this.webhooks.size };
  }

  private shown(webhook: WaitingWebhook) {
    const { subscriptionId, action } = webhook.payload;
    const { attempt, nextTryAtMs } = webhook;
    return {
      operationId: webhook.id,
      subscriptionId,
      action,
      attempt,
      nextTryAt: timeStampOf(nextTryAtMs),
      state: this.dispatcher.stateOf(webhook),
    };
  }
}
