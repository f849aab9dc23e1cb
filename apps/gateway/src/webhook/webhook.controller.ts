import { randomUUID } from 'node:crypto';
import { CatalogInForce } from '@landfall/catalog';
import { Overloaded } from '@landfall/messaging';
import { answerWithin, Keyring, Public } from '@landfall/service-defaults';
import { Controller, Logger, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { config } from '../gateway.config';
import { Registrations, type KnownRegistration } from '../registrations';
import type { Delivery, GivenAnswer } from './delivery';
import { answerTo, STORED_ANSWER, type DeliveryOutcome } from './webhook.answer';
import { readBody, storableBody } from './webhook.body';
import { awaitsDecision, HeldAnswers } from './webhook.hold';
import { WebhookInbox } from './webhook.inbox';
import { beginDeliveriesAtZero, countDelivery } from './webhook.metrics';
import { readNotification } from './webhook.notification';
import { outcomeOf, type Standing } from './webhook.standing';
import type { KeptClaims } from './webhook.token';
import { WebhookVerifier } from './webhook.verifier';

const alarming = new Set<DeliveryOutcome['kind']>(['foreign-audience', 'unreadable', 'too-large', 'unknown-registration']);

/** Whose body is not read to its end: the connection ends with the answer, so that nobody can hold it open by dripping the rest. */
const unread = new Set<DeliveryOutcome['kind']>(['rejected', 'keys-away', 'unknown-registration', 'foreign-audience', 'too-large']);

/** What an answer still needs to be given once its hold is over. */
const AFTER_HOLD_MS = 1_000;

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
    private readonly held: HeldAnswers,
    private readonly catalog: CatalogInForce,
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
    const taking = registration ? this.take(registration, request, reply) : this.refuse(request);
    const { outcome, delivery, standing } = await taking.catch((error: unknown) => this.failed(error, request.id));
    const { status, retryAfterSeconds, body } = answerTo(outcome);
    this.record(registration, outcome, delivery);
    if (reply.sent) return reply; // 503: it took too long, and Microsoft comes again
    const final = retryAfterSeconds ? null : finalAnswer(delivery, standing, status);
    if (final) reply.raw.once('finish', () => this.inbox.reportAnswer(final));
    if (status === 401) void reply.header('www-authenticate', 'Bearer');
    if (unread.has(outcome.kind)) void reply.header('connection', 'close');
    if (retryAfterSeconds) void reply.header('retry-after', retryAfterSeconds);
    return reply.status(status).send(body);
  }

  /** The token comes first: what nobody proved to be Microsoft's must raise no alarm. */
  private async take(registration: KnownRegistration, request: FastifyRequest, reply: FastifyReply): Promise<Taken> {
    const [receivedAt, holdUntil] = [new Date(), performance.now() + config.values.WEBHOOK_HOLD_LIMIT];
    const verification = await this.verifier.verify(registration, request.headers.authorization);
    if (verification.kind === 'rejected') return { outcome: verification };
    if (verification.kind === 'undecidable') return { outcome: { kind: 'keys-away' } };
    if (verification.kind === 'foreign-audience') return this.keepClaims(registration, verification.claims, receivedAt);
    const body = await readBody(request.raw);
    if (!body) return { outcome: { kind: 'too-large' } };
    const encryptedBody = await this.keyring.encryptColumn(storableBody(body));
    const { claims } = verification;
    const notification = readNotification(body);
    const isHeld = notification.kind === 'notification' && awaitsDecision(this.catalog.current, notification);
    const received = { id: randomUUID(), registration: registration.name, receivedAt, claims, encryptedBody };
    const delivery = { ...received, answer: isHeld ? null : STORED_ANSWER, ...notification };
    const { isRepeated, standing } = await this.inbox.add(delivery, isHeld ? undefined : answerLeft(reply));
    if (notification.kind === 'unreadable') return { outcome: notification, delivery };
    if (!isRepeated && !isHeld) return { outcome: { kind: 'handled' }, delivery, standing };
    return { delivery, ...(await this.decided(registration, standing, holdUntil, reply)) };
  }

  /** What is decided already, or will be before the hold is over: a repetition joins the hold of the first, on whichever copy that is. */
  private async decided(
    { name: registration }: KnownRegistration,
    standing: Standing,
    holdUntil: number,
    reply: FastifyReply,
  ): Promise<Pick<Taken, 'outcome' | 'standing'>> {
    const outcome = outcomeOf(standing);
    if (outcome) return { outcome, standing };
    const limitMs = Math.max(holdUntil - performance.now(), 0);
    answerWithin(reply, limitMs + AFTER_HOLD_MS);
    const later = await this.held.standingOf({ deliveryId: standing.deliveryId, registration, limitMs, gone: goneSignal(reply) });
    return later ? { outcome: outcomeOf(later) ?? { kind: 'undecided' }, standing: later } : { outcome: { kind: 'undecided' } };
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
    await this.inbox.add({ ...received, kind, operationId: null, action: null, subscriptionId: null });
    return { outcome: { kind } };
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

/** What became of a request; `delivery` is there where its body was stored, `standing` where it is about an operation. */
interface Taken {
  readonly outcome: DeliveryOutcome;
  readonly delivery?: Delivery;
  readonly standing?: Standing;
}

/** Resolves when the answer has left, or nobody waits for it any more. */
const answerLeft = ({ raw }: FastifyReply): Promise<void> =>
  new Promise((resolve) => void (raw.destroyed ? resolve() : raw.once('close', resolve)));

/** Aborts when nobody waits for the answer any more: its caller has gone, perhaps while the delivery was stored, or was answered. */
function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  if (raw.destroyed) gone.abort();
  else raw.once('close', () => gone.abort());
  return gone.signal;
}

/** What is to be reported once it was given: the first final answer to an operation, and none after it. */
function finalAnswer(delivery: Delivery | undefined, standing: Standing | undefined, status: number): GivenAnswer | null {
  if (delivery?.kind !== 'notification' || !standing || standing.isReported) return null;
  return { deliveryId: standing.deliveryId, delivery, status };
}
