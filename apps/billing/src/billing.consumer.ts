import { CatalogInForce } from '@landfall/catalog';
import {
  meteringEvents,
  planRead,
  subscriptionEvents,
  subscriptionSnapshot,
  subscriptionSnapshots,
  usageAnswered,
  usageRead,
  type MessageOf,
} from '@landfall/contracts';
import { Consumes, everyMessage, stages, stagesForSome, type Transaction } from '@landfall/messaging';
import { Controller, Inject } from '@nestjs/common';
import { takePart } from './reconciliation/usage.read.domain';
import type { UsageRead } from './reconciliation/usage.read';
import { UsageReadRepository } from './reconciliation/usage.read.repository';
import { AnswerRepository } from './report/answer.repository';
import { takeAnswer, type ReportedBatch } from './report/report.domain';
import type { Subscription } from './subscription/subscription';
import { followSubscription, keepRates } from './subscription/subscription.domain';
import { SubscriptionRepository } from './subscription/subscription.repository';

type MeteringEvent = MessageOf<typeof meteringEvents>;

const batchKey = 'batch ';
const readKey = 'read ';

/** What an event of fulfillment is about. */
type Answered = Subscription | ReportedBatch | UsageRead;

/** What the other services publish about subscriptions, and what Microsoft answered. Usage itself comes through endpoints of its own. */
@Controller()
export class BillingConsumer {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly answers: AnswerRepository,
    private readonly reads: UsageReadRepository,
    @Inject(CatalogInForce) private readonly catalog: Pick<CatalogInForce, 'current'>,
  ) {}

  @Consumes(subscriptionEvents)
  onSubscriptionEvents() {
    return stages(subscriptionEvents, {
      isKnownByState: () => true, // by its version
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
      isKnownByState: () => true, // by its version
      mayWait: () => true, // what it says is told by an event as well, as a rule
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
      decide: { [usageAnswered.type]: takeAnswer, [planRead.type]: keepRates, [usageRead.type]: takePart },
      save: async (tx, changes) => {
        this.subscriptions.save(tx, changes.filter(isSubscription));
        await this.answers.save(tx, changes.filter(isBatch));
        this.reads.save(tx, changes.filter(isRead));
      },
    });
  }

  /** Reads first, then all rows of subscriptions before any of their hours: in id order, as everywhere. */
  private async lockAnswered(tx: Transaction, keys: string[]): Promise<Map<string, Answered>> {
    const [batchIds, readIds] = [batchKey, readKey].map((kind) =>
      keys.filter((key) => key.startsWith(kind)).map((key) => key.slice(kind.length)),
    ) as [string[], string[]];
    const ids = keys.filter((key) => !key.startsWith(batchKey) && !key.startsWith(readKey));
    const reads = await this.reads.lock(tx, readIds);
    const known = await this.subscriptions.lockKnown(tx, [...ids, ...(await this.answers.subscriptionsOf(tx, batchIds))]);
    const batches = await this.answers.load(tx, batchIds);
    return new Map<string, Answered>([
      ...[...reads].map(([id, read]) => [`${readKey}${id}`, read] as const),
      ...[...known].filter(([id]) => ids.includes(id)),
      ...batches.map((batch) => [`${batchKey}${batch.batchId}`, batch] as const),
    ]);
  }
}

function stateKeyOf(event: MeteringEvent): string {
  switch (event.type) {
    case usageAnswered.type:
      return `${batchKey}${event.data.batchId}`;
    case usageRead.type:
      return `${readKey}${event.data.readId}`;
    default:
      return event.key;
  }
}

const isBatch = (state: Answered): state is ReportedBatch => 'batchId' in state;
const isRead = (state: Answered): state is UsageRead => 'readId' in state;
const isSubscription = (state: Answered): state is Subscription => !isBatch(state) && !isRead(state);
