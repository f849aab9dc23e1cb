import { randomUUID } from 'node:crypto';
import { Overloaded } from '@landfall/messaging';
import { Keyring, Public } from '@landfall/service-defaults';
import { Controller, Logger, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Registrations, type KnownRegistration } from '../registrations';
import type { Delivery } from './delivery';
import { answerTo, STORED_ANSWER, type DeliveryOutcome } from './webhook.answer';
import { readBody, storableBody } from './webhook.body';
import { WebhookInbox } from './webhook.inbox';
import { beginDeliveriesAtZero, countDelivery } from './webhook.metrics';
import { readNotification } from './webhook.notification';
import type { KeptClaims } from './webhook.token';
import { WebhookVerifier } from './webhook.verifier';

const alarming = new Set<DeliveryOutcome['kind']>(['foreign-audience', 'unreadable', 'too-large', 'unknown-registration']);

/** Whose body is not read to its end: the connection ends with the answer, so that nobody can hold it open by dripping the rest. */
const unread = new Set<DeliveryOutcome['kind']>(['rejected', 'keys-away', 'unknown-registration', 'foreign-audience', 'too-large']);

/**
 * Where Microsoft calls (contract 4): the caller is verified before anything is read, and what came is on disk before anything is answered.
 */
@Public()
@Controller('webhook')
export class WebhookController {
  private readonly logger = new Logger(WebhookController.name);

  constructor(
    private readonly registrations: Registrations,
    private readonly verifier: WebhookVerifier,
    private readonly inbox: WebhookInbox,
    private readonly keyring: Keyring,
  ) {
    beginDeliveriesAtZero(registrations.all().map(({ name }) => name));
  }

  @Post()
  receive(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.receiveAt(undefined, request, reply);
  }

  @Post(':registration')
  async receiveAt(@Param('registration') name: string | undefined, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const registration = this.registrations.find(name);
    const taking = registration ? this.take(registration, request) : this.refuse(request);
    const { outcome, delivery } = await taking.catch((error: unknown) => this.failed(error, request.id));
    const { status, retryAfterSeconds } = answerTo(outcome);
    this.record(registration, outcome, delivery);
    if (reply.sent) return reply; // 503: it took too long, and Microsoft comes again
    if (outcome.kind === 'handled' && delivery) reply.raw.once('finish', () => this.inbox.reportAnswer(delivery));
    if (status === 401) void reply.header('www-authenticate', 'Bearer');
    if (unread.has(outcome.kind)) void reply.header('connection', 'close');
    if (retryAfterSeconds) void reply.header('retry-after', retryAfterSeconds);
    return reply.status(status).send();
  }

  /** The token comes first: what nobody proved to be Microsoft's must raise no alarm. */
  private async take(registration: KnownRegistration, request: FastifyRequest): Promise<Taken> {
    const receivedAt = new Date();
    const verification = await this.verifier.verify(registration, request.headers.authorization);
    if (verification.kind === 'rejected') return { outcome: verification };
    if (verification.kind === 'undecidable') return { outcome: { kind: 'keys-away' } };
    if (verification.kind === 'foreign-audience') return this.keepClaims(registration, verification.claims, receivedAt);
    const body = await readBody(request.raw);
    if (!body) return { outcome: { kind: 'too-large' } };
    const encryptedBody = await this.keyring.encryptColumn(storableBody(body));
    const { claims } = verification;
    const received = { id: randomUUID(), registration: registration.name, receivedAt, claims, encryptedBody, answer: STORED_ANSWER };
    const delivery = { ...received, ...readNotification(body) };
    return { outcome: await this.inbox.add(delivery), delivery };
  }

  /** Nobody's address. Where Microsoft itself called it, it is one that we should know: an operator is told, and the order comes again. */
  private async refuse(request: FastifyRequest): Promise<Taken> {
    const verification = await this.verifier.verifyForAny(request.headers.authorization);
    if (verification.kind === 'rejected') return { outcome: verification };
    return { outcome: { kind: verification.kind === 'undecidable' ? 'keys-away' : 'unknown-registration' } };
  }

  /** Our own misconfiguration: the proof is kept, the order comes again. */
  private async keepClaims({ name: registration }: KnownRegistration, claims: KeptClaims, receivedAt: Date): Promise<Taken> {
    const kind = 'foreign-audience';
    const received = { id: randomUUID(), registration, receivedAt, claims, encryptedBody: null, answer: answerTo({ kind }).status };
    return { outcome: await this.inbox.add({ ...received, kind, operationId: null, action: null, subscriptionId: null }) };
  }

  private failed(error: unknown, correlationId: string): Taken {
    const kind = error instanceof Overloaded ? 'overloaded' : 'failed';
    this.logger.error({ err: error, correlationId, outcome: kind }, 'a webhook could not be taken: Microsoft sends it again');
    return { outcome: { kind } };
  }

  private record(registration: KnownRegistration | undefined, outcome: DeliveryOutcome, delivery: Delivery | undefined): void {
    countDelivery(outcome, registration?.name);
    const fields = {
      registration: registration?.name,
      outcome: outcome.kind,
      reason: 'reason' in outcome ? outcome.reason : undefined,
      deliveryId: delivery?.id,
      operationId: delivery?.operationId ?? undefined,
      subscriptionId: delivery?.subscriptionId ?? undefined,
      action: delivery?.action ?? undefined,
    };
    if (alarming.has(outcome.kind)) this.logger.error(fields, 'a webhook needs attention');
    else this.logger.log(fields, 'webhook');
  }
}

/** What became of a request; `delivery` is there where its body was stored. */
interface Taken {
  readonly outcome: DeliveryOutcome;
  readonly delivery?: Delivery;
}
