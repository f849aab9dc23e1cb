import type { Topic } from '@landfall/contracts';
import { isOutage } from '@landfall/service-defaults';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { BatchProcessor } from '../consumer/batch.processor';
import { transportId } from '../handlers/consumes';
import { Bisection } from '../consumer/bisect';
import { RecordProcessor } from '../consumer/record.processor';
import type { AnyJobDefinition } from '../jobs/job.definition';
import { JobRunner } from '../jobs/job.runner';
import { reasonOf } from '../failure';
import { beginCounting } from '../metrics';
import { pause } from '../signal';
import { kafkaClient } from './kafka.client';
import { ConsumerWatch } from './consumer.watch';
import { askBroker } from './kafka.partitions';
import { ofMessages, ofRecords } from './reception';
import { TopicConsumer, type RunningConsumer } from './topic.consumer';
import { PartitionSetting } from '../outbox/partition.setting';
import { Maintenance } from '../outbox/maintenance';
import { CONFIG, SERVICE, type MessagingConfig, type ServiceIdentity } from '../messaging.config';
import { CONSUMER_WATCH, FAULT_POINTS, type ConsumerWatchLimits, type FaultPoints } from '../ports';
import { RebuildSources } from '../outbox/rebuild.sources';
import { ReadBack } from '../outbox/read.back';
import { Relay } from '../outbox/relay';
import { RestoredDatabase } from '../restore/restored.database';
import { Redelivery } from '../dead-letter/redelivery';
import type { RebuildSource } from '../handlers/rebuilds';
import { called, topicHandlerOf, type RecordHandler, type TopicHandler } from '../consumer/topic.handler';

const outagePauseMs = 500;

/**
 * The transport strategy: Nest finds the methods with `@Consumes` and `@Performs` and gives them here. `listen` starts all that works in the
 * background, `close` ends it for good; an application that never listens, such as a test's, never polls.
 */
@Injectable()
export class KafkaServer extends Server implements CustomTransportStrategy {
  override readonly transportId = transportId;
  /** A failure of a handler is ours to treat; Nest must not log it as lost. */
  override readonly propagatesEventHandlerErrors = true;
  protected override readonly logger = new Logger('Messaging');
  /** Of the topics whose records are taken as they came; known once `serve` has ended. */
  recordHandlers: readonly RecordHandler[] = [];
  private consumers: RunningConsumer[] = [];
  private watch?: ConsumerWatch;
  private beginning?: Promise<void>;
  private isClosing = false;

  constructor(
    private readonly batches: BatchProcessor,
    private readonly recordBatches: RecordProcessor,
    private readonly bisection: Bisection,
    private readonly relay: Relay,
    private readonly readBack: ReadBack,
    private readonly rebuildSources: RebuildSources,
    private readonly jobs: JobRunner,
    private readonly redelivery: Redelivery,
    private readonly maintenance: Maintenance,
    private readonly partitionSetting: PartitionSetting,
    private readonly restored: RestoredDatabase,
    @Inject(SERVICE) private readonly service: ServiceIdentity,
    @Inject(CONFIG) private readonly config: MessagingConfig,
    @Inject(FAULT_POINTS) private readonly faults: FaultPoints,
    @Inject(CONSUMER_WATCH) private readonly watchLimits: ConsumerWatchLimits,
  ) {
    super();
  }

  /** Rejects the start where PARTITIONS is not what the database was set up with. Kafka may be away: everything connects by itself. */
  async listen(ready: (error?: unknown) => void): Promise<void> {
    try {
      this.beginning = this.begin();
      await this.beginning;
      ready();
    } catch (error) {
      ready(this.isClosing ? undefined : error); // while the service stops nothing is to start any more
    }
  }

  /** In the order of the stream: nothing new comes in, what is under way is committed, and published. */
  async close(): Promise<void> {
    this.isClosing = true;
    this.restored.stop();
    await this.beginning?.catch(() => undefined); // its caller learns of it
    await this.watch?.stop();
    const consumers = this.consumers.splice(0).map((consumer) => consumer.stop());
    this.bisection.stop();
    this.readBack.stop();
    await Promise.all([...consumers, this.redelivery.stop(), this.jobs.stop(), this.maintenance.stop()]);
    await this.relay.stop();
  }

  /** Asks each consumer what it does and gives that, and the performers of jobs, to those who run them. Gives the topics with stages. */
  async serve(): Promise<TopicHandler[]> {
    const handlers = await this.topicHandlers();
    const topics = handlers.filter((handler) => 'stages' in handler);
    this.recordHandlers = handlers.filter((handler) => 'records' in handler);
    this.redelivery.serve(topics);
    this.jobs.serve(this.performers());
    this.rebuildSources.serve(await this.rebuilds());
    beginCounting(
      this.service.name,
      handlers.map(({ consumer }) => consumer),
      this.jobs.kinds ?? [],
    );
    return topics;
  }

  /** For liveness. Throws where a consumer has stopped, so that a restart would help. */
  checkAlive(): void {
    this.watch?.check();
  }

  /** By consumer, how long the oldest record that was fetched has waited, in milliseconds. */
  oldestAges(): [string, number][] {
    return this.consumers.map((consumer) => [consumer.name, consumer.oldestAgeMs]);
  }

  /** By consumer, how long it has waited at a record that can't even become a dead letter, in milliseconds. */
  refusedAges(): [string, number][] {
    return this.consumers.map((consumer) => [consumer.name, consumer.refusedAgeMs]);
  }

  /** By consumer, how long ago it last read from the broker, in milliseconds. */
  fetchAges(): [string, number][] {
    return this.consumers.map((consumer) => [consumer.name, consumer.fetchAgeMs]);
  }

  on(): never {
    throw new Error('This transport has no events to listen to');
  }

  unwrap<T>(): T {
    return this.consumers as T;
  }

  /** A service starts in the background, so a stop may come first: then nothing begins that nobody would end. */
  private async begin(): Promise<void> {
    await this.establishPartitions();
    const handlers = await this.serve();
    if (!this.isClosing) await this.restored.goOn({ handlers: [...handlers, ...this.recordHandlers], readBack: this.readBack.handlers() });
    if (this.isClosing) return;
    const kafka = kafkaClient(this.config.values, this.service.instance);
    const ports = {
      partitions: this.service.partitions,
      clientId: this.service.instance,
      faults: this.faults,
    };
    this.consumers = [
      ...handlers.map((handler) => new TopicConsumer(kafka, ofMessages(handler, this.batches), ports)),
      ...this.recordHandlers.map((handler) => new TopicConsumer(kafka, ofRecords(handler, this.recordBatches), ports)),
      ...this.readBack.handlers().map((handler) => new TopicConsumer(kafka, ofMessages(handler, this.readBack), ports)),
    ];
    this.relay.start();
    this.jobs.start();
    this.redelivery.start();
    this.maintenance.start();
    for (const consumer of this.consumers) consumer.start();
    this.watch = new ConsumerWatch(this.consumers, () => askBroker(kafka), this.watchLimits);
    this.watch.start();
  }

  /** An outage of the database is no reason to end the process: it lasts until it is over, or until the service stops. */
  private async establishPartitions(): Promise<void> {
    while (!this.isClosing) {
      try {
        return await this.partitionSetting.establish();
      } catch (error) {
        if (!isOutage(error)) throw error;
        this.logger.warn({ reason: reasonOf(error) }, 'messaging waits for the database');
        await pause(outagePauseMs);
      }
    }
  }

  private topicHandlers(): Promise<(TopicHandler | RecordHandler)[]> {
    return Promise.all(this.handlersWith<Topic>('topic').map(({ extra, handler }) => topicHandlerOf(extra, this.service.name, handler)));
  }

  private rebuilds() {
    return Promise.all(
      this.handlersWith<Topic>('rebuilds').map(async ({ extra, handler }) => ({
        topic: extra,
        source: (await called(handler, undefined)) as RebuildSource,
      })),
    );
  }

  private performers() {
    return this.handlersWith<AnyJobDefinition>('job').map(({ extra, handler }) => ({ definition: extra, handler }));
  }

  private handlersWith<Extra>(name: 'topic' | 'job' | 'rebuilds'): { extra: Extra; handler: MessageHandler }[] {
    return [...this.messageHandlers].flatMap(([pattern, handler]) => {
      const extra = handler.extras?.[name] as Extra | undefined;
      if (!extra) return [];
      if (handler.next) throw new Error(`${pattern} has two methods: a service handles a topic, or a kind of job, in one place`);
      return [{ extra, handler }];
    });
  }
}
