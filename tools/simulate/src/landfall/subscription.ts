import { fulfillmentEvents, gatewayEvents, provisioningEvents, subscriptionEvents, type Catalog, type Message } from '@landfall/contracts';
import { SubscriptionConsumer, unchanged, type Subscription, type SubscriptionChange } from '@landfall/subscription/decisions';
import { msOf } from '../time';
import { Consumer, type ConsumerOptions } from './consumer';
import type { Topics } from './topics';

export interface SubscriptionServiceOptions extends ConsumerOptions {
  readonly topics: Topics;
  readonly copyLagMs: number;
  readonly catalog: Catalog;
}

/** The subscription service: its real decisions over a table in memory that has one row. */
export class SubscriptionService {
  /** The record, with the operations that it knows; undefined before it is registered. */
  private row: Pick<SubscriptionChange, 'subscription' | 'operations'> | undefined;
  /** What operators have been told. */
  readonly alarms: string[] = [];
  private readonly consumers: Consumer<SubscriptionChange>[] = [];

  constructor(private readonly options: SubscriptionServiceOptions) {
    const { topics, copyLagMs } = options;
    const stages = new SubscriptionConsumer(undefined as never, undefined as never, copyLagMs, { current: options.catalog }); // its tables of decisions alone are used
    for (const [topic, { decide }] of [
      [fulfillmentEvents, stages.onFulfillmentEvents()],
      [gatewayEvents, stages.onGatewayEvents()],
      [provisioningEvents, stages.onProvisioningEvents()],
    ] as const) {
      const consumer = new Consumer<SubscriptionChange>({ name: 'subscription', decide, ...this.table }, { ...options, crash: 0 });
      this.consumers.push(consumer);
      topics.read(topic, 'subscription', (message) => consumer.receive(message));
    }
  }

  /** Takes a message without its way through a topic: for what was before a run. */
  receive(message: Message): void {
    for (const consumer of this.consumers) consumer.receive(message);
  }

  /** Undefined before the subscription is registered or imported. */
  get record(): Subscription | undefined {
    return this.row?.subscription;
  }

  get operations(): SubscriptionChange['operations'] {
    return this.row?.operations ?? [];
  }

  /** Members that wait for the read that opens them again, and operations that wait for the one that decides about them. */
  get waits(): readonly { readonly what: string; readonly sinceMs: number }[] {
    const shut = Object.entries(this.record?.members ?? {}).filter(([, state]) => state.openFrom === null);
    const undecided = this.operations.filter(({ closingOrder }) => closingOrder !== null);
    const unjudged = this.operations.filter(
      ({ status, verdict }) => (status === 'NotStarted' || status === 'InProgress') && verdict === null,
    );
    return [
      ...shut.map(([member, { date }]) => ({ what: `the read that opens ${member}`, sinceMs: msOf(date) })),
      ...undecided.map(({ operationId, action, timeStamp }) => ({
        what: `the read that decides about ${action} ${operationId}`,
        sinceMs: timeStamp === null ? 0 : msOf(timeStamp),
      })),
      ...unjudged.map(({ operationId, action, timeStamp }) => ({
        what: `the verdict about ${action} ${operationId}`,
        sinceMs: timeStamp === null ? 0 : msOf(timeStamp),
      })),
    ];
  }

  private get table() {
    return {
      keyOf: ({ key }: Message) => key,
      load: () => this.row && unchanged(this.row.subscription, this.options.copyLagMs, this.row.operations),
      save: (_key: string, { subscription, operations, alarms }: SubscriptionChange) => {
        this.row = { subscription, operations };
        this.alarms.push(...alarms);
      },
    };
  }
}

/** The types of all public events. */
export const publicTypes: ReadonlySet<string> = new Set(subscriptionEvents.definitions.keys());
