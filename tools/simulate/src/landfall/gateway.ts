import {
  fulfillmentEvents,
  operationDecided,
  operationSettled,
  operationVerified,
  stableId,
  subscriptionDecisions,
  webhookAnswered,
  webhookReceived,
  type Catalog,
  type DataOf,
  type Message,
  type MessageOf,
} from '@landfall/contracts';
import { ANSWER_COUNTS_MS, answerTo, awaitsDecision, outcomeOf, REFUSAL_LIMIT_MS, type Standing } from '@landfall/gateway/decisions';
import type { Effect } from '@landfall/messaging';
import { offerId, publisherId } from '../microsoft/members';
import { isOpen } from '../microsoft/operation';
import type { Payload, WebhookAnswer } from '../microsoft/webhooks';
import type { Scheduler } from '../scheduler';
import { instantOf, second } from '../time';
import type { Cause } from './messages';
import type { Topics } from './topics';

/** `WEBHOOK_HOLD_LIMIT`, as it is set by default. */
const holdLimitMs = 4 * second;
/** From the answer that is known to the one that has left. */
const answerMs = 20;

export interface GatewayOptions {
  readonly scheduler: Scheduler;
  readonly topics: Topics;
  readonly catalog: Catalog;
  readonly emit: (effects: readonly Effect[], cause: Cause) => void;
}

/** What is known of an operation: our decision, and Microsoft's. */
interface Known extends Pick<Standing, 'verdict' | 'reason' | 'settled'> {
  readonly decidedMs: number;
}

/** A stored delivery, and whoever waits for its answer. */
interface Delivery {
  readonly storedMs: number;
  count: number;
  answer: number | null;
  /** -Infinity: its answer was not reported. */
  reportedMs: number;
}

/**
 * Stands in for the gateway: it stores every delivery, holds the answer to what might be refused, and passes on what it was told. Whether it holds, and what it answers, are the real
 * decisions. What is answered at once is told as answered 20 ms before its answer leaves, as where the relay is quicker. The real one tells of a doubled webhook once; here fulfillment is told each time, as if the gateway had forgotten the first.
 */
export class Gateway {
  private readonly deliveries = new Map<string, Delivery>();
  private readonly known = new Map<string, Known>();
  private readonly waiting = new Map<string, (() => void)[]>();

  constructor(private readonly options: GatewayOptions) {
    const { topics } = options;
    topics.read(subscriptionDecisions, 'gateway', (message) => {
      if (message.type !== operationDecided.type) return;
      const { verdict, reason, ...about } = (message as MessageOf<typeof operationDecided>).data;
      if (!this.known.get(nameOf(about))?.verdict) this.learn(nameOf(about), { verdict, reason, decidedMs: options.scheduler.nowMs });
    });
    topics.read(fulfillmentEvents, 'gateway', (message) => this.settled(message));
  }

  /** `registration`: at whose address. */
  receive(payload: Payload, registration: string, answer: (status: WebhookAnswer) => void): void {
    const { scheduler, emit, catalog } = this.options;
    const name = nameOf({ operationId: payload.operationId, registration });
    const { action, source, isRevert, planId, presentPlanId } = payload;
    const isHeld = awaitsDecision(catalog, {
      action,
      source,
      isRevert,
      planId,
      offer: { publisherId, offerId, planId: presentPlanId },
    } as never);
    const delivery = this.deliveries.get(name) ?? {
      storedMs: scheduler.nowMs,
      count: 0,
      answer: isHeld ? null : 200,
      reportedMs: -Infinity,
    };
    this.deliveries.set(name, delivery);
    const isRepeated = ++delivery.count > 1;
    const deliveryId = stableId('delivery', name, delivery.count);
    const cause = { id: deliveryId, correlationId: payload.operationId };
    const isAnsweredAtOnce = !isHeld && !isRepeated;
    if (isAnsweredAtOnce) delivery.reportedMs = scheduler.nowMs;
    const answered = isAnsweredAtOnce ? { answeredAt: instantOf(scheduler.nowMs) } : {};
    emit([webhookReceived({ ...receivedOf(payload, registration, deliveryId, scheduler.nowMs), ...answered })], cause);
    const give = (status: number) =>
      scheduler.after(answerMs, () => {
        answer(status as WebhookAnswer);
        if (status !== 503) this.report(payload, registration, delivery, status, cause);
      });
    if (isAnsweredAtOnce) return give(200);
    this.whenKnown(name, delivery, (outcome) => give(answerTo(outcome).status));
  }

  /** What is decided already, or will be before the hold is over. */
  private whenKnown(name: string, delivery: Delivery, known: (outcome: Parameters<typeof answerTo>[0]) => void): void {
    let isOver = false;
    const look = () => {
      const outcome = isOver ? null : outcomeOf(this.standingOf(name, delivery));
      if (!outcome) return;
      isOver = true;
      known(outcome);
    };
    look();
    if (isOver) return;
    this.waiting.set(name, [...(this.waiting.get(name) ?? []), look]);
    this.options.scheduler.after(holdLimitMs, () => {
      if (isOver) return;
      isOver = true;
      known({ kind: 'undecided' });
    });
  }

  private standingOf(deliveryId: string, { answer, reportedMs, storedMs }: Delivery): Standing {
    const isReported = this.options.scheduler.nowMs - reportedMs < ANSWER_COUNTS_MS;
    const { verdict, reason, settled, decidedMs } = this.known.get(deliveryId) ?? nothing;
    return { deliveryId, answer, isReported, verdict, reason, settled, isInTime: decidedMs - storedMs <= REFUSAL_LIMIT_MS };
  }

  /** Told once for each delivery, and anew where Microsoft asks for it later. */
  private report(
    { operationId, subscriptionId, action }: Payload,
    registration: string,
    delivery: Delivery,
    status: number,
    cause: Cause,
  ): void {
    const { nowMs } = this.options.scheduler;
    if (delivery.answer !== null && nowMs - delivery.reportedMs < ANSWER_COUNTS_MS) return;
    delivery.reportedMs = nowMs;
    delivery.answer ??= status;
    const answeredAt = instantOf(nowMs);
    this.options.emit([webhookAnswered({ subscriptionId, operationId, action, registration, status, answeredAt })], cause);
  }

  private settled(message: Message): void {
    if (message.type === operationSettled.type) {
      const { settled, ...about } = (message as MessageOf<typeof operationSettled>).data;
      this.learn(nameOf(about), { settled });
    } else if (message.type === operationVerified.type) {
      const { operationStatus, ...about } = (message as MessageOf<typeof operationVerified>).data;
      if (!isOpen(operationStatus)) this.learn(nameOf(about), { settled: operationStatus as Standing['settled'] });
    }
  }

  private learn(name: string, learnt: Partial<Known>): void {
    this.known.set(name, { ...(this.known.get(name) ?? nothing), ...learnt });
    for (const look of this.waiting.get(name) ?? []) look();
  }
}

/** An operation, and at whose address it is known: what is known at one answers nobody at another. */
const nameOf = ({ operationId, registration }: { operationId: string; registration: string }): string => `${operationId} ${registration}`;

const nothing: Known = { verdict: null, reason: null, settled: null, decidedMs: Infinity };

function receivedOf(payload: Payload, registration: string, deliveryId: string, nowMs: number): DataOf<typeof webhookReceived> {
  const { operationId, subscriptionId, action, source, planId, quantity, timeStamp, isRevert } = payload;
  return {
    ...{ deliveryId, registration, subscriptionId, operationId, action, source, planId, quantity, timeStamp, isRevert },
    receivedAt: instantOf(nowMs),
  };
}
