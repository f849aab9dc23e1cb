import { UnitOfWork, MicroBatch } from '@landfall/messaging';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { answered, causeOf, effectsOf, type Delivery } from './delivery';
import type { DeliveryOutcome } from './webhook.answer';
import { countUnreportedAnswer } from './webhook.metrics';
import { WebhookRepository } from './webhook.repository';

/** Deliveries that wait for a commit at most, and for how long: beyond it Microsoft is asked to come again. */
const LIMITS = { size: 200, limit: 5_000, maxAgeMs: 2_000, bytesOf: ({ encryptedBody }: Delivery) => encryptedBody?.length ?? 0 };

/** Stores what concurrent requests deliver in shared transactions, together with what is published about them. */
@Injectable()
export class WebhookInbox implements OnModuleDestroy {
  private readonly logger = new Logger(WebhookInbox.name);
  private readonly deliveries = new MicroBatch<Delivery, DeliveryOutcome>((batch) => this.store(batch), LIMITS);
  private readonly answers = new MicroBatch<Delivery>((batch) => this.reportAll(batch), LIMITS);
  private readonly reporting = new Set<Promise<void>>();

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: WebhookRepository,
  ) {}

  /** Resolves when the delivery is on disk. @throws Overloaded, and whatever keeps the database from committing */
  add(delivery: Delivery): Promise<DeliveryOutcome> {
    return this.deliveries.add(delivery);
  }

  /** Publishes that Microsoft has the answer. Where this fails, fulfillment goes on by its own deadline, so the failure is only counted. */
  reportAnswer(delivery: Delivery): void {
    const report: Promise<void> = this.answers
      .add(delivery)
      .catch((error: unknown) => {
        countUnreportedAnswer();
        this.logger.warn({ err: error }, 'an answer could not be reported');
      })
      .finally(() => this.reporting.delete(report));
    this.reporting.add(report);
  }

  /** Answers that were given are reported before the database is left. */
  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.reporting);
  }

  private store(deliveries: Delivery[]): Promise<DeliveryOutcome[]> {
    return this.unitOfWork.inTransaction(async (tx, append) => {
      const stored = await this.repository.insert(tx, deliveries);
      const fresh = deliveries.filter(({ id }) => stored.has(id));
      const known = deliveries.filter(({ id }) => !stored.has(id));
      for (const delivery of fresh) append(effectsOf(delivery), causeOf(delivery));
      const recorded = known.length > 0 ? await this.repository.recordedAnswers(tx, known) : new Map<string, number>();
      return deliveries.map((delivery) => (stored.has(delivery.id) ? freshOutcome(delivery) : repeatedOutcome(delivery, recorded)));
    });
  }

  private async reportAll(deliveries: Delivery[]): Promise<void> {
    const now = new Date();
    await this.unitOfWork.inTransaction(async (tx, append) => {
      await this.repository.markAnswered(
        tx,
        deliveries.map(({ id }) => id),
        now,
      );
      for (const delivery of deliveries) append(answered(delivery, now), causeOf(delivery));
    });
  }
}

function freshOutcome(delivery: Delivery): DeliveryOutcome {
  switch (delivery.kind) {
    case 'notification':
      return { kind: 'handled' };
    case 'unreadable':
      return { kind: 'unreadable', reason: delivery.reason };
    case 'foreign-audience':
      return { kind: 'foreign-audience' };
  }
}

function repeatedOutcome({ id }: Delivery, recorded: Map<string, number>): DeliveryOutcome {
  const recordedAnswer = recorded.get(id);
  if (recordedAnswer === undefined) throw new Error('a delivery was neither stored nor known');
  return { kind: 'duplicate', recordedAnswer };
}
