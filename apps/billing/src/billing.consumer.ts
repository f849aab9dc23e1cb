import { CatalogInForce } from '@landfall/catalog';
import {
  meteringEvents,
  planRead,
  subscriptionEvents,
  subscriptionSnapshot,
  subscriptionSnapshots,
  usageAnswered,
  type MessageOf,
} from '@landfall/contracts';
import { Consumes, everyMessage, stages, stagesForSome, type Transaction } from '@landfall/messaging';
import { Controller, Inject } from '@nestjs/common';
import { AnswerRepository } from './report/answer.repository';
import { takeAnswer, type ReportedBatch } from './report/report.domain';
import type { Subscription } from './subscription/subscription';
import { followSubscription, keepRates } from './subscription/subscription.domain';
import { SubscriptionRepository } from './subscription/subscription.repository';

type MeteringEvent = MessageOf<typeof meteringEvents>;

const batchKey = 'batch ';

/** What the other services publish about subscriptions, and what Microsoft answered. Usage itself comes through endpoints of its own. */
@Controller()
export class BillingConsumer {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly answers: AnswerRepository,
    @Inject(CatalogInForce) private readonly catalog: Pick<CatalogInForce, 'current'>,
  ) {}

  @Consumes(subscriptionEvents)
  onSubscriptionEvents() {
    return stages(subscriptionEvents, {
      load: (tx, ids) => this.subscriptions.lock(tx, ids),
      decide: everyMessage(
        subscriptionEvents,
        followSubscription(() => this.catalog.current),
      ),
      save: (tx, changes) => this.subscriptions.save(tx, changes),
    });
  }

  /** Kept for ever, so that billing knows those as well that were there before it. */
  @Consumes(subscriptionSnapshots)
  onSubscriptionSnapshots() {
    return stages(subscriptionSnapshots, {
      load: (tx, ids) => this.subscriptions.lock(tx, ids),
      decide: { [subscriptionSnapshot.type]: followSubscription(() => this.catalog.current) },
      save: (tx, changes) => this.subscriptions.save(tx, changes),
    });
  }

  @Consumes(meteringEvents)
  onMeteringEvents() {
    return stagesForSome(meteringEvents, {
      key: stateKeyOf,
      load: (tx, keys) => this.lockAnswered(tx, keys),
      decide: { [usageAnswered.type]: takeAnswer, [planRead.type]: keepRates },
      save: async (tx, changes) => {
        this.subscriptions.save(tx, changes.filter(isSubscription));
        await this.answers.save(tx, changes.filter(isBatch));
      },
    });
  }

  /** All rows of subscriptions before any of their hours: in id order, as everywhere. */
  private async lockAnswered(tx: Transaction, keys: string[]): Promise<Map<string, Subscription | ReportedBatch>> {
    const batchIds = keys.filter((key) => key.startsWith(batchKey)).map((key) => key.slice(batchKey.length));
    const ids = keys.filter((key) => !key.startsWith(batchKey));
    const known = await this.subscriptions.lockKnown(tx, [...ids, ...(await this.answers.subscriptionsOf(tx, batchIds))]);
    const batches = await this.answers.load(tx, batchIds);
    return new Map<string, Subscription | ReportedBatch>([
      ...[...known].filter(([id]) => ids.includes(id)),
      ...batches.map((batch) => [`${batchKey}${batch.batchId}`, batch] as const),
    ]);
  }
}

const stateKeyOf = (event: MeteringEvent): string => (event.type === usageAnswered.type ? `${batchKey}${event.data.batchId}` : event.key);
const isBatch = (state: Subscription | ReportedBatch): state is ReportedBatch => 'batchId' in state;
const isSubscription = (state: Subscription | ReportedBatch): state is Subscription => !isBatch(state);
