import { randomUUID } from 'node:crypto';
import {
  contentType,
  decodeMessage,
  encodeMessage,
  partitionOf,
  provisioningReplies,
  provisioningRequests,
  stableId,
  tenantFailed,
  tenantReady,
  tenantReleased,
  usage,
  usageRecorded,
  type Draft,
  type MessageOf,
} from '@landfall/contracts';
import { Kafka, logLevel, type Consumer, type KafkaConfig, type Producer } from 'kafkajs';

/** Where Kafka is, and how to log in there. */
export type KafkaAddress = Pick<KafkaConfig, 'brokers' | 'ssl' | 'sasl'>;

type Request = MessageOf<typeof provisioningRequests>;
type TenantRequested = Extract<Request, { type: 'landfall.provisioning.tenant-requested.v1' }>;

/** How the product behaves. Everything is as good as can be unless a journey says otherwise. */
export interface Behaviour {
  /** How long it takes to make a tenant. A release that comes meanwhile stops the work. */
  makesInMs: number;
  /** Requests that it leaves unanswered, as if it had been restarted in the middle. */
  loses: number;
  /** Requests that it answers with a failure: `for-good` for all, otherwise this many and then it works. */
  fails: number | 'for-good';
  /** Releases that it leaves unanswered while this is so. */
  losesReleases: boolean;
  /** How often it says each answer. */
  answers: number;
  /** What of this is otherwise for the tenants of a plan. */
  byPlan: Readonly<Record<string, Partial<Pick<Behaviour, 'loses' | 'fails'>>>>;
}

export interface ProductTenant {
  readonly address: string;
  readonly planId: string;
  readonly isLocked: boolean;
}

/** What one of its customers used. */
export interface Use {
  /** As a decimal text; below 0 it takes back what was reported too much. */
  readonly quantity: string;
  readonly meter?: string;
  /** When it was used; left out: now. */
  readonly at?: Date;
  /** The record's own, by which it counts once; left out: a new one. */
  readonly id?: string;
}

/** Of everything that it writes. */
const source = 'fabrikam/desk';

/**
 * A product of the company, as small as one that answers Landfall over Kafka can be: it reads requests, makes a tenant per subscription in
 * memory, says so, and reports what is used. It uses a Kafka client and the contracts, and nothing else of Landfall.
 */
export class ExampleProduct {
  /** By subscription. A tenant that was taken back is not there. */
  readonly tenants = new Map<string, ProductTenant>();
  /** A subscription for each tenant that was ever made: a second one for the same subscription would show here. */
  readonly made: string[] = [];
  readonly behaviour: Behaviour;
  private readonly consumer: Consumer;
  private readonly producer: Producer;
  private readonly kafka: Kafka;
  private readonly making = new Map<string, NodeJS.Timeout>();
  /** Answers that could not be sent; shown by `stop`, since nobody waits for a timer. */
  private readonly unsent: unknown[] = [];
  private partitions = 0;
  /** Requests that it has lost or failed; a later one about the same subscription takes the place of the one before. */
  private readonly owed = new Map<string, Request>();

  constructor(kafka: KafkaAddress, behaviour: Partial<Behaviour> = {}) {
    this.behaviour = { makesInMs: 0, loses: 0, fails: 0, losesReleases: false, answers: 1, byPlan: {}, ...behaviour };
    this.kafka = new Kafka({ ...kafka, clientId: 'example-product', logLevel: logLevel.NOTHING });
    this.consumer = this.kafka.consumer({ groupId: 'example-product', sessionTimeout: 10_000, maxWaitTimeInMs: 500 }); // a stop waits for the fetch that is under way
    this.producer = this.kafka.producer();
  }

  async start(): Promise<void> {
    await this.producer.connect();
    this.partitions = await this.countPartitions();
    await this.consumer.connect();
    await this.consumer.subscribe({ topics: [provisioningRequests.name], fromBeginning: true });
    await this.consumer.run({ eachMessage: ({ message }) => this.read(message.value) });
  }

  /** Throws if an answer could not be sent while it ran. */
  async stop(): Promise<void> {
    for (const timer of this.making.values()) clearTimeout(timer);
    this.making.clear();
    await this.consumer.disconnect();
    await this.producer.disconnect();
    if (this.unsent.length > 0) throw new AggregateError(this.unsent, `The example product could not send ${this.unsent.length} answers`);
  }

  /** Behaves otherwise during the work, and as before after it, whether the work succeeds or fails. */
  async behaving<T>(change: Partial<Behaviour>, work: () => Promise<T>): Promise<T> {
    const before = { ...this.behaviour };
    Object.assign(this.behaviour, change);
    try {
      return await work();
    } finally {
      Object.assign(this.behaviour, before);
    }
  }

  /** Does after all what it has lost or failed, and says so, as the people of a product see to. */
  async catchUp(): Promise<void> {
    for (const request of this.owed.values()) {
      if (request.type === 'landfall.provisioning.tenant-requested.v1') await this.make(request);
      else await this.release(request);
    }
  }

  /**
   * Reports what was used. Whoever does not know whether it arrived reports it again under the same id: it counts once.
   * @returns its id
   */
  async report(subscriptionId: string, { quantity, meter = 'emails', at = new Date(), id = randomUUID() }: Use): Promise<string> {
    const draft = usageRecorded({ meter, quantity }, { key: subscriptionId });
    const value = encodeMessage({ ...draft, id, source, time: at.toISOString(), epoch: 0, correlationId: id });
    const message = { key: subscriptionId, headers: { 'content-type': contentType }, value };
    await this.producer.send({ topic: usage.name, messages: [message], acks: -1 });
    return id;
  }

  private async read(value: Buffer | null): Promise<void> {
    const decoded = decodeMessage(provisioningRequests, value);
    if (decoded.kind === 'broken') throw new Error(`Landfall broke its contract: ${decoded.reason}`);
    if (decoded.kind === 'unknown') return; // a newer Landfall
    const request = decoded.message;
    switch (request.type) {
      case 'landfall.provisioning.tenant-requested.v1':
        return this.provide(request);
      case 'landfall.provisioning.tenant-release-requested.v1':
        return this.release(request);
    }
  }

  private async provide(request: TenantRequested): Promise<void> {
    const { subscriptionId, requestId, planId } = request.data;
    const ofPlan = this.behaviour.byPlan[planId];
    const behaviour = ofPlan ? { ...this.behaviour, ...ofPlan } : this.behaviour;
    this.owed.set(subscriptionId, request);
    if (behaviour.loses > 0) {
      behaviour.loses -= 1;
      return;
    }
    const isRetriable = behaviour.fails !== 'for-good';
    if (behaviour.fails === 'for-good' || behaviour.fails > 0) {
      if (typeof behaviour.fails === 'number') behaviour.fails -= 1;
      return this.answer(request, tenantFailed({ subscriptionId, requestId, reason: 'There is no capacity in this region.', isRetriable }));
    }
    if (this.behaviour.makesInMs === 0) return this.make(request);
    clearTimeout(this.making.get(subscriptionId));
    const finish = () => void this.make(request).catch((error: unknown) => this.unsent.push(error));
    this.making.set(subscriptionId, setTimeout(finish, this.behaviour.makesInMs));
  }

  /** The tenant is there once, whatever the number of requests; its lock and plan follow the newest of them. */
  private async make(request: TenantRequested): Promise<void> {
    const { subscriptionId, requestId, planId, isLocked } = request.data;
    this.making.delete(subscriptionId);
    this.owed.delete(subscriptionId);
    const address = this.tenants.get(subscriptionId)?.address ?? this.found(subscriptionId);
    this.tenants.set(subscriptionId, { address, planId, isLocked });
    await this.answer(request, tenantReady({ subscriptionId, requestId, tenantReference: address }));
  }

  private found(subscriptionId: string): string {
    this.made.push(subscriptionId);
    return `https://${subscriptionId}.desk.fabrikam.example`;
  }

  /** Answered as well where there is no tenant: what matters is that none is left. */
  private async release(request: Request): Promise<void> {
    const { subscriptionId, requestId } = request.data;
    this.owed.set(subscriptionId, request);
    if (this.behaviour.losesReleases) return;
    this.owed.delete(subscriptionId);
    clearTimeout(this.making.get(subscriptionId));
    this.making.delete(subscriptionId);
    this.tenants.delete(subscriptionId);
    await this.answer(request, tenantReleased({ subscriptionId, requestId }));
  }

  private async answer(request: Request, draft: Draft): Promise<void> {
    const messages = Array.from({ length: this.behaviour.answers }, (_, index) => ({
      key: draft.key,
      partition: partitionOf(draft.key, this.partitions),
      headers: { 'content-type': contentType },
      value: encodeMessage({
        ...draft,
        id: stableId(request.id, draft.type, index),
        source,
        time: new Date().toISOString(),
        epoch: 0,
        correlationId: request.correlationId,
        causationId: request.id,
        traceparent: request.traceparent,
      }),
    }));
    await this.producer.send({ topic: provisioningReplies.name, messages, acks: -1 });
  }

  private async countPartitions(): Promise<number> {
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [provisioningReplies.name] });
      return topics[0]!.partitions.length;
    } finally {
      await admin.disconnect();
    }
  }
}

/** Starts a product that reads requests from the beginning of the topic. */
export async function startExampleProduct(kafka: KafkaAddress, behaviour: Partial<Behaviour> = {}): Promise<ExampleProduct> {
  const product = new ExampleProduct(kafka, behaviour);
  await product.start();
  return product;
}
