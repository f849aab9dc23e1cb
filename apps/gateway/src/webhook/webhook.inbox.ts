import { setTimeout as pause } from 'node:timers/promises';
import { UnitOfWork, MicroBatch } from '@landfall/messaging';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { answered, causeOf, causeOfAnswer, effectsOf, isAnsweredAtOnce, type Delivery, type GivenAnswer } from './delivery';
import { countUnreportedAnswer } from './webhook.metrics';
import { WebhookRepository } from './webhook.repository';
import type { Standing } from './webhook.standing';

/** Deliveries that wait for a commit at most, and for how long: beyond it Microsoft is asked to come again. */
const BOUNDS = { size: 200, limit: 5_000, maxAgeMs: 2_000 };
const DELIVERY_BOUNDS = { ...BOUNDS, bytesOf: ({ delivery }: Arrival) => delivery.encryptedBody?.length ?? 0 };
/** So long what is published about a batch waits for its answers at most: a client that reads slowly holds up nobody else. */
export const ANSWERS_LEFT_WITHIN_MS = 50;

/** A delivery that is to be stored. */
interface Arrival {
  readonly delivery: Delivery;
  /** Resolves when its answer has left, or nobody waits for it any more. */
  readonly answerLeft: Promise<void> | undefined;
}

/** A delivery that is on disk. */
export interface Stored {
  /** It was stored before, and published then. */
  readonly isRepeated: boolean;
  readonly standing: Standing;
}

/**
 * Stores what concurrent requests deliver in shared transactions, together with what is published about them.
 *
 * What is answered at once is stored, and published, as answered, before its answer has left. Microsoft is to have that before our PATCH (contract 8, pitfall 19), so the relay is woken for
 * the batch when its answers are out. Where it is published sooner (a relay that looks just then, a slow client, a crash behind the commit), nothing breaks: fulfillment reads from
 * Microsoft before it PATCHes. A PATCH that comes too early all the same is answered with an error or not taken, and the operation is read after it (rule 9). Microsoft, which has no
 * answer, delivers again, and the answer to that is reported by `reportAnswer`, ten seconds after the first: then it is PATCHed once more.
 */
@Injectable()
export class WebhookInbox implements OnModuleDestroy {
  private readonly logger = new Logger(WebhookInbox.name);
  private readonly deliveries = new MicroBatch<Arrival, Stored>((batch) => this.store(batch), DELIVERY_BOUNDS);
  private readonly answers = new MicroBatch<GivenAnswer>((batch) => this.reportAll(batch), BOUNDS);
  private readonly reporting = new Set<Promise<void>>();

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: WebhookRepository,
  ) {}

  /** Resolves when the delivery is on disk. @throws Overloaded, and whatever keeps the database from committing */
  add(delivery: Delivery, answerLeft?: Promise<void>): Promise<Stored> {
    return this.deliveries.add({ delivery, answerLeft });
  }

  /**
   * Publishes that Microsoft has the final answer that was held, once for each operation, and again where it asks for it later, held or not. Where this fails, fulfillment goes on by its own deadline, so the failure is
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

  private store(arrivals: Arrival[]): Promise<Stored[]> {
    const [deliveries, now] = [arrivals.map(({ delivery }) => delivery), new Date()];
    return this.unitOfWork.inTransaction(
      async (tx, append) => {
        const stored = await this.repository.insert(tx, deliveries, now);
        const known = deliveries.filter(({ id }) => !stored.has(id));
        for (const delivery of deliveries)
          if (stored.has(delivery.id))
            append(effectsOf(delivery, isAnsweredAtOnce(delivery) ? { answeredAt: now } : {}), causeOf(delivery));
        const repeated = known.length > 0 ? await this.repository.repeated(tx, known) : new Map<string, Standing>();
        return deliveries.map((delivery) => (stored.has(delivery.id) ? freshly(delivery) : again(delivery, repeated)));
      },
      { announceAfter: () => answersLeft(arrivals) },
    );
  }

  private async reportAll(answers: GivenAnswer[]): Promise<void> {
    const now = new Date();
    const first = [...new Map(answers.toReversed().map((answer) => [answer.deliveryId, answer])).values()];
    await this.unitOfWork.inTransaction(async (tx, append) => {
      const marked = await this.repository.markAnswered(tx, first, now);
      for (const answer of first) if (marked.has(answer.deliveryId)) append(answered(answer, now), causeOfAnswer(answer, now));
    });
  }
}

const answersLeft = (arrivals: readonly Arrival[]): Promise<unknown> =>
  Promise.race([Promise.all(arrivals.map(({ answerLeft }) => answerLeft)), pause(ANSWERS_LEFT_WITHIN_MS, undefined, { ref: false })]);

const freshly = (delivery: Delivery): Stored => ({
  isRepeated: false,
  standing: {
    ...{ deliveryId: delivery.id, answer: delivery.answer, isReported: isAnsweredAtOnce(delivery) },
    ...{ verdict: null, reason: null, isInTime: false, settled: null },
  },
});

function again({ id }: Delivery, repeated: Map<string, Standing>): Stored {
  const standing = repeated.get(id);
  if (!standing) throw new Error('a delivery was neither stored nor known');
  return { isRepeated: true, standing };
}
