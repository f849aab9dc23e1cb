import { CatalogInForce } from '@landfall/catalog';
import { again, done, Performs, UnitOfWork, type JobOf, type JobOutcome } from '@landfall/messaging';
import { counter } from '@landfall/service-defaults';
import { Controller, Inject, Logger } from '@nestjs/common';
import { traced } from '../history/trace';
import { SubscriptionRepository } from '../subscription/subscription.repository';
import { ProductClient } from './product.client';
import { ASK_AGAIN, decideByProduct, questionOf, type ProductsWord } from './veto.domain';
import { askProduct } from './veto.job';
import { VETO_LIMITS, type VetoLimits } from './veto.limits';

@Controller()
export class VetoWorker {
  private readonly logger = new Logger('Vetoes');
  private readonly answers = counter('subscription_product_answers_total', 'What products said about changes of plan or seats', {
    answer: ['allowed', 'refused', 'silent'],
  });

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly subscriptions: SubscriptionRepository,
    private readonly catalog: CatalogInForce,
    private readonly product: ProductClient,
    @Inject(VETO_LIMITS) private readonly limits: VetoLimits,
  ) {}

  /** After a crash it asks again, with the same id; the verdict is written on the locked row, with its message, and only where there is none. */
  @Performs(askProduct)
  async ask({ id, payload, ageMs, correlationId, causationId, traceparent }: JobOf<typeof askProduct>): Promise<JobOutcome> {
    const { subscriptionId } = payload;
    const load = (tx: Parameters<SubscriptionRepository['lock']>[0]) => this.subscriptions.lock(tx, [subscriptionId]);
    const known = await this.unitOfWork.inTransaction(load); // the row is locked again for the verdict: nobody waits for a product
    const asked = questionOf(known.get(subscriptionId), payload, this.catalog.current);
    const word = asked && (ageMs > this.limits.askWithinMs ? tooLate(ageMs) : await this.product.ask(asked.veto, asked.question));
    let isToBeAskedAgain = false;
    await this.unitOfWork.transaction(subscriptionId, {
      cause: { id, correlationId, causationId, traceparent },
      load,
      decide: (change) => {
        const outcome = decideByProduct(change, payload, this.catalog.current, asked, word);
        isToBeAskedAgain = outcome.kind === 'ignored' && outcome.reason === ASK_AGAIN;
        return traced({ correlationId, causationId: id }, outcome);
      },
      save: (tx, changes) => this.subscriptions.save(tx, changes),
    });
    if (word) this.count(payload, word);
    return isToBeAskedAgain ? again({ afterMs: 0 }, ASK_AGAIN) : done(); // it keeps its turn, and its age ends this
  }

  private count({ subscriptionId, operationId }: JobOf<typeof askProduct>['payload'], word: ProductsWord): void {
    this.answers.inc({ answer: word.kind === 'silent' ? 'silent' : word.answer.allowed ? 'allowed' : 'refused' });
    if (word.kind === 'silent')
      this.logger.warn({ subscriptionId, operationId, reason: word.reason }, 'a product did not say whether a change may be made');
  }
}

const tooLate = (ageMs: number): ProductsWord => ({
  kind: 'silent',
  reason: `it was not asked, since its turn came after ${Math.round(ageMs / 1_000)} s: an answer would come too late for Microsoft`,
});
