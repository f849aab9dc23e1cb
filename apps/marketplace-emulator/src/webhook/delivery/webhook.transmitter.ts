import { randomUUID } from 'node:crypto';
import type { Observer } from '../../breaches/observer';
import type { CallLedger } from '../../calls/call.ledger';
import { limits } from '../../limits';
import type { PublisherAddresses } from '../../offers/publisher.addresses';
import type { Operation } from '../../operation/operation';
import type { OperationRepository } from '../../operation/operation.repository';
import type { SettingsRepository } from '../../settings/settings.repository';
import { RingBuffer } from '../../state/ring.buffer';
import { type Clock, timeStampOf } from '../../time/clock';
import type { BadTokenSigner } from '../token/bad.token.signer';
import type { BadTokenName } from '../token/bad.tokens';
import type { TokenSupply } from '../token/token.supply';
import type { Answer, Delivery, DeliveryKind, Verdict } from './delivery';
import { verdictOn, verdictOnCrafted, verdictOnForgery } from './delivery.verdict';
import type { WebhookSender } from './webhook.sender';

/** A webhook that is to be sent now. */
export interface DeliveryRequest {
  kind: DeliveryKind;
  operationId: string;
  subscriptionId: string;
  action: string;
  attempt: number;
  body: object;
  /** Many webhooks wait: this one may share its token with them. */
  mayShareToken?: boolean;
  /** Carries this bad token instead of a genuine one. */
  badToken?: BadTokenName;
  /** The fault rule that was applied to it. */
  faultId?: string;
  /** It is not sent at all; this is what Microsoft takes it for. */
  droppedAs?: 'failed' | 'received';
}

/** What is sent over HTTP. */
interface PreparedRequest {
  url: string | null;
  /** Null: none is sent. */
  token: string | null;
  tokenVersion: 'v1' | 'v2';
  requestId: string;
  correlationId: string;
  body: string;
}

type Outcome = { answer: Answer } | { error: string };

const forgotten = 'The emulator was stopped or reset.';

/** Sends webhooks and records the result of each. What an answer does to the operation is decided elsewhere. */
export class WebhookTransmitter {
  readonly deliveries = new RingBuffer<Delivery>({ entries: limits.keptDeliveries, bytes: limits.keptDeliveriesBytes });
  private readonly underWay = new Set<AbortController>();

  constructor(
    private readonly operations: OperationRepository,
    private readonly publisherAddresses: PublisherAddresses,
    private readonly settings: SettingsRepository,
    private readonly clock: Clock,
    private readonly observer: Observer,
    private readonly tokens: TokenSupply,
    private readonly badTokens: BadTokenSigner,
    private readonly sender: WebhookSender,
    private readonly ledger: CallLedger,
  ) {}

  /** The delivery as it is recorded, or undefined when it was broken off by `reset` or `stop`. */
  async transmit(request: DeliveryRequest): Promise<Delivery | undefined> {
    const aborter = new AbortController();
    this.underWay.add(aborter);
    try {
      const prepared = await this.prepare(request);
      const [sentAtMs, startedAt] = [this.clock.now(), performance.now()];
      if (!request.droppedAs) this.recordBegin(request, sentAtMs);
      const outcome = request.droppedAs ? { error: 'dropped by a fault: nothing was sent' } : await this.send(prepared, aborter);
      if (aborter.signal.reason === forgotten) return undefined;
      return this.record(request, prepared, outcome, { sentAtMs, tookMs: Math.round(performance.now() - startedAt) });
    } finally {
      this.underWay.delete(aborter);
    }
  }

  /** Breaks off what is on its way, since its answer would belong to what is gone, and forgets what was sent. */
  reset(): void {
    for (const aborter of this.underWay) aborter.abort(forgotten);
    this.deliveries.clear();
  }

  async stop(): Promise<void> {
    for (const aborter of this.underWay) aborter.abort(forgotten);
    await this.sender.close();
  }

  private async prepare(request: DeliveryRequest): Promise<PreparedRequest> {
    const { webhookUrl: url } = this.publisherAddresses.of(request.subscriptionId);
    return {
      url,
      tokenVersion: this.settings.current.webhookTokenVersion,
      token: url === null ? null : await this.tokenFor(request),
      requestId: randomUUID(),
      correlationId: randomUUID(),
      body: JSON.stringify(request.body),
    };
  }

  private async tokenFor({ badToken, subscriptionId, mayShareToken }: DeliveryRequest): Promise<string | null> {
    if (!badToken) return this.tokens.take({ subscriptionId, mayShare: mayShareToken });
    const { settings } = this;
    return (await this.badTokens.sign(badToken, settings.current.webhookTokenVersion, this.tokens.applicationOf(subscriptionId))) ?? null;
  }

  private async send({ url, token, requestId, correlationId, body }: PreparedRequest, aborter: AbortController): Promise<Outcome> {
    if (url === null) return { error: 'no webhookUrl is set' };
    const { webhookTimeoutMs } = this.settings.current;
    const limit = setTimeout(() => aborter.abort(`no answer within ${webhookTimeoutMs} ms`), webhookTimeoutMs);
    try {
      const authorization = token === null ? null : `Bearer ${token}`;
      return await this.sender.send({ url, authorization, requestId, correlationId, body }, aborter.signal);
    } finally {
      clearTimeout(limit);
    }
  }

  private recordBegin({ kind, operationId, attempt }: DeliveryRequest, atMs: number): void {
    const { clock, observer } = this;
    observer.notify({ kind: 'delivery-began', atMs, beganAtMs: clock.realNow(), operationId, attempt, isExtra: kind !== 'genuine' });
  }

  private verdictOn(
    { kind, badToken, droppedAs }: DeliveryRequest,
    operation: Operation | undefined,
    answer: Answer | null,
    tookMs: number,
  ): Verdict {
    if (droppedAs) return droppedAs;
    if (badToken) return verdictOnForgery(badToken, answer);
    if (kind === 'crafted') return verdictOnCrafted(answer);
    return verdictOn(operation, answer, tookMs, this.settings.current.autoAcceptMs);
  }

  private record(
    request: DeliveryRequest,
    prepared: PreparedRequest,
    outcome: Outcome,
    { sentAtMs, tookMs }: { sentAtMs: number; tookMs: number },
  ): Delivery {
    const { clock, observer, operations } = this;
    const operation = operations.get(request.operationId);
    const { url, token, tokenVersion, requestId, correlationId, body } = prepared;
    const { kind, operationId, subscriptionId, action, attempt } = request;
    const answer = 'answer' in outcome ? outcome.answer : null;
    const delivery: Delivery = {
      id: randomUUID(),
      kind,
      operationId,
      subscriptionId,
      action,
      attempt,
      url,
      sentAt: timeStampOf(sentAtMs),
      tookMs,
      requestId,
      correlationId,
      tokenVersion,
      unsignedToken: token?.slice(0, token.lastIndexOf('.')) ?? null,
      badToken: request.badToken ?? null,
      requestBody: request.body,
      answer,
      error: 'error' in outcome ? outcome.error : null,
      ...(request.faultId === undefined ? {} : { faultId: request.faultId }),
      verdict: this.verdictOn(request, operation, answer, tookMs),
      nextTryAt: null,
    };
    this.deliveries.add(delivery, body.length + (answer?.body.length ?? 0) + (token?.length ?? 0));
    if (request.droppedAs) return delivery; // nobody was called
    if (url !== null) this.ledger.recordDelivery(delivery, new URL(url).pathname); // without an address nobody was called
    observer.notify({ kind: 'delivery-ended', atMs: clock.now(), endedAtMs: clock.realNow(), delivery, operation });
    return delivery;
  }
}
