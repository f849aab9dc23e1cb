import { UnitOfWork, MicroBatch } from '@landfall/messaging';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { answered, causeOf, causeOfAnswer, effectsOf, type Delivery, type GivenAnswer } from './delivery';
import { countUnreportedAnswer } from './webhook.metrics';
import { WebhookRepository } from './webhook.repository';
import type { Standing } from './webhook.standing';

/** Deliveries that wait for a commit at most, and for how long: beyond it Microsoft is asked to come again. */
const BOUNDS = { size: 200, limit: 5_000, maxAgeMs: 2_000 };
const DELIVERY_BOUNDS = { ...BOUNDS, bytesOf: ({ encryptedBody }: Delivery) => encryptedBody?.length ?? 0 };

/** A delivery that is on disk. */
export interface Stored {
  /** It was stored before, and published then. */
  readonly isRepeated: boolean;
  readonly standing: Standing;
}

/** Stores what concurrent requests deliver in shared transactions, together with what is published about them. */
@Injectable()
export class WebhookInbox implements OnModuleDestroy {
  private readonly logger = new Logger(WebhookInbox.name);
  private readonly deliveries = new MicroBatch<Delivery, Stored>((batch) => this.store(batch), DELIVERY_BOUNDS);
  private readonly answers = new MicroBatch<GivenAnswer>((batch) => this.reportAll(batch), BOUNDS);
  private readonly reporting = new Set<Promise<void>>();

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: WebhookRepository,
  ) {}

  /** Resolves when the delivery is on disk. @throws Overloaded, and whatever keeps the database from committing */
  add(delivery: Delivery): Promise<Stored> {
    return this.deliveries.add(delivery);
  }

  /**
   * Publishes that Microsoft has the final answer, once for each operation, and again where it asks for it later. Where this fails, fulfillment goes on by its own deadline, so the failure is
   * only counted.
   */
  reportAnswer(answer: GivenAnswer): void {
    const report: Promise<void> = this.answers
      .add(answer)
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

  private store(deliveries: Delivery[]): Promise<Stored[]> {
    return this.unitOfWork.inTransaction(async (tx, append) => {
      const stored = await this.repository.insert(tx, deliveries);
      const fresh = deliveries.filter(({ id }) => stored.has(id));
      const known = deliveries.filter(({ id }) => !stored.has(id));
      for (const delivery of fresh) append(effectsOf(delivery), causeOf(delivery));
      const repeated = known.length > 0 ? await this.repository.repeated(tx, known) : new Map<string, Standing>();
      return deliveries.map((delivery) => (stored.has(delivery.id) ? freshly(delivery) : again(delivery, repeated)));
    });
  }

  private async reportAll(answers: GivenAnswer[]): Promise<void> {
    const now = new Date();
    const first = answers.filter(({ deliveryId }, index) => answers.findIndex((answer) => answer.deliveryId === deliveryId) === index);
    await this.unitOfWork.inTransaction(async (tx, append) => {
      const marked = await this.repository.markAnswered(tx, first, now);
      for (const answer of first) if (marked.has(answer.deliveryId)) append(answered(answer, now), causeOfAnswer(answer, now));
    });
  }
}

const freshly = ({ id: deliveryId, answer }: Delivery): Stored => ({
  isRepeated: false,
  standing: { deliveryId, answer, isReported: false, verdict: null, reason: null, isInTime: false, settled: null },
});

function again({ id }: Delivery, repeated: Map<string, Standing>): Stored {
  const standing = repeated.get(id);
  if (!standing) throw new Error('a delivery was neither stored nor known');
  return { isRepeated: true, standing };
}
