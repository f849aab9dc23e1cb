import { randomUUID } from 'node:crypto';
import { Overloaded } from '@landfall/messaging';
import { Keyring, Public } from '@landfall/service-defaults';
import { Controller, Logger, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { registrationOf } from '../landing/registration';
import type { Delivery } from './delivery';
import { answerTo, STORED_ANSWER, type DeliveryOutcome } from './webhook.answer';
import { WebhookAuthority } from './webhook.authority';
import { readBody, storableBody } from './webhook.body';
import { WebhookInbox } from './webhook.inbox';
import { countDelivery } from './webhook.metrics';
import { readNotification, type Notification } from './webhook.notification';
import type { KeptClaims } from './webhook.token';

const alarming = new Set<DeliveryOutcome['kind']>(['foreign-audience', 'unreadable', 'too-large', 'unknown-registration']);

/** Microsoft's door (contract 4): who calls is verified before anything is read, what came is on disk before anything is answered. */
@Public()
@Controller('webhook')
export class WebhookController {
  private readonly logger = new Logger(WebhookController.name);

  constructor(
    private readonly authority: WebhookAuthority,
    private readonly inbox: WebhookInbox,
    private readonly keyring: Keyring,
  ) {}

  @Post()
  receive(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.receiveAt(undefined, request, reply);
  }

  @Post(':registration')
  async receiveAt(@Param('registration') name: string | undefined, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const { outcome, delivery } = registrationOf(name)
      ? await this.take(request).catch((error: unknown) => this.failed(error, request.id))
      : { outcome: { kind: 'unknown-registration' } as const };
    const { status, retryAfterSeconds } = answerTo(outcome);
    this.record(outcome, delivery);
    if (outcome.kind === 'handled' && delivery) reply.raw.once('finish', () => this.inbox.reportAnswer(delivery));
    if (outcome.kind === 'too-large') void reply.header('connection', 'close');
    if (status === 401) void reply.header('www-authenticate', 'Bearer');
    if (retryAfterSeconds) void reply.header('retry-after', retryAfterSeconds);
    return reply.status(status).send();
  }

  private async take(request: FastifyRequest): Promise<Taken> {
    const receivedAt = new Date();
    const verdict = await this.authority.verify(request.headers.authorization);
    if (verdict.kind === 'rejected') return { outcome: verdict };
    if (verdict.kind === 'undecidable') return { outcome: { kind: 'keys-away' } };
    if (verdict.kind === 'foreign-audience') return this.keepClaims(verdict.claims, receivedAt);
    const body = await readBody(request.raw);
    if (!body) return { outcome: { kind: 'too-large' } };
    const encryptedBody = await this.keyring.encryptColumn(storableBody(body));
    const reading = readNotification(body);
    const delivery = { id: randomUUID(), receivedAt, claims: verdict.claims, encryptedBody, reading, answer: STORED_ANSWER };
    return { outcome: await this.inbox.add(delivery), delivery };
  }

  /** Our own misconfiguration: the proof is kept, the order comes again. */
  private async keepClaims(claims: KeptClaims, receivedAt: Date): Promise<Taken> {
    const outcome = { kind: 'foreign-audience' } as const;
    const delivery = { id: randomUUID(), receivedAt, claims, encryptedBody: null, reading: null, answer: answerTo(outcome).status };
    return { outcome: await this.inbox.add(delivery) };
  }

  private failed(error: unknown, correlationId: string): Taken {
    const kind = error instanceof Overloaded ? 'overloaded' : 'failed';
    this.logger.error({ err: error, correlationId, outcome: kind }, 'a webhook could not be stored');
    return { outcome: { kind } };
  }

  private record(outcome: DeliveryOutcome, delivery: Delivery | undefined): void {
    countDelivery(outcome);
    const notification = delivery?.reading?.kind === 'notification' ? delivery.reading.notification : undefined;
    const known: Partial<Notification> = notification ?? { subscriptionId: subscriptionOf(delivery) };
    const { operationId, subscriptionId, action } = known;
    const fields = {
      outcome: outcome.kind,
      reason: 'reason' in outcome ? outcome.reason : undefined,
      deliveryId: delivery?.id,
      operationId,
      subscriptionId,
      action,
    };
    if (alarming.has(outcome.kind)) this.logger.error(fields, 'a webhook needs attention');
    else this.logger.log(fields, 'webhook');
  }
}

/** What became of a request; the delivery is there where it was readable as one. */
interface Taken {
  readonly outcome: DeliveryOutcome;
  readonly delivery?: Delivery;
}

function subscriptionOf(delivery: Delivery | undefined): string | undefined {
  return delivery?.reading?.kind === 'unreadable' ? (delivery.reading.subscriptionId ?? undefined) : undefined;
}
