import type { Topic } from '@landfall/contracts';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { BatchRunner } from './batch';
import { transportId } from './consumes';
import { Isolation } from './isolate';
import type { AnyJobDefinition } from './job.definition';
import { JobRunner } from './job.runner';
import { kafkaClient } from './kafka.client';
import { TopicConsumer } from './kafka.consumer';
import { LaneSetting } from './lane.setting';
import { Maintenance } from './maintenance';
import { CONFIG, SERVICE, type MessagingConfig, type ServiceIdentity } from './messaging.config';
import { FAULT_POINTS, type FaultPoints } from './ports';
import { Relay } from './relay';
import { ReplayRunner } from './replay';
import { Retrier } from './retrier';
import { TopicHandler } from './topic.handler';

/**
 * The transport strategy: Nest finds the methods with `@Consumes` and `@Performs` and gives them here. `listen` starts all that works in the
 * background, `close` ends it; an application that never listens, such as a test's, never polls.
 */
@Injectable()
export class KafkaServer extends Server implements CustomTransportStrategy {
  override readonly transportId = transportId;
  /** A failure of a handler is ours to treat; Nest must not log it as lost. */
  override readonly propagatesEventHandlerErrors = true;
  protected override readonly logger = new Logger('Messaging');
  private consumers: TopicConsumer[] = [];

  constructor(
    private readonly batches: BatchRunner,
    private readonly replays: ReplayRunner,
    private readonly isolation: Isolation,
    private readonly relay: Relay,
    private readonly jobs: JobRunner,
    private readonly retrier: Retrier,
    private readonly maintenance: Maintenance,
    private readonly lanes: LaneSetting,
    @Inject(SERVICE) private readonly service: ServiceIdentity,
    @Inject(CONFIG) private readonly config: MessagingConfig,
    @Inject(FAULT_POINTS) private readonly faults: FaultPoints,
  ) {
    super();
  }

  /** Rejects the start where LANES is not what the database was set up with. Kafka may be away: everything connects by itself. */
  async listen(ready: (error?: unknown) => void): Promise<void> {
    try {
      await this.lanes.settle();
      const handlers = this.serve();
      const kafka = kafkaClient(this.config.values, this.service.instance);
      const ports = {
        lanes: this.service.lanes,
        clientId: this.service.instance,
        faults: this.faults,
        fatal: (error: Error) => this.fatal(error),
      };
      this.consumers = handlers.map((handler) => new TopicConsumer(kafka, handler, ports));
      this.relay.start();
      this.jobs.start();
      this.retrier.start();
      this.maintenance.start();
      for (const consumer of this.consumers) consumer.start();
      ready();
    } catch (error) {
      ready(error);
    }
  }

  /** In the order of the stream: nothing new comes in, what is under way is committed, and published. */
  async close(): Promise<void> {
    this.maintenance.stop();
    const consumers = this.consumers.splice(0).map((consumer) => consumer.stop());
    this.isolation.stop();
    await Promise.all([...consumers, this.retrier.stop(), this.jobs.stop()]);
    await this.relay.stop();
  }

  /** Gives the handlers that Nest has found to those who call them. */
  serve(): TopicHandler[] {
    const topics = this.topicHandlers();
    this.retrier.serve(topics);
    this.jobs.serve(this.performers());
    return topics;
  }

  /** For liveness. Throws where a consumer fell silent. */
  checkAlive(): void {
    for (const consumer of this.consumers) consumer.checkAlive();
  }

  /** By consumer, how long the oldest record that was fetched has waited, in milliseconds. */
  oldestAges(): [string, number][] {
    return this.consumers.map((consumer) => [consumer.name, consumer.oldestAgeMs]);
  }

  on(): never {
    throw new Error('This transport has no events to listen to');
  }

  unwrap<T>(): T {
    return this.consumers as T;
  }

  private topicHandlers(): TopicHandler[] {
    return this.handlersWith<Topic>('topic').map(
      ({ extra, handler }) => new TopicHandler(extra, `${this.service.name}.${extra.name}`, handler, this.batches, this.replays),
    );
  }

  private performers() {
    return this.handlersWith<AnyJobDefinition>('job').map(({ extra, handler }) => ({ definition: extra, handler }));
  }

  private handlersWith<Extra>(name: 'topic' | 'job'): { extra: Extra; handler: MessageHandler }[] {
    return [...this.messageHandlers].flatMap(([pattern, handler]) => {
      const extra = handler.extras?.[name] as Extra | undefined;
      if (!extra) return [];
      if (handler.next) throw new Error(`${pattern} has two methods: a service handles a topic, or a kind of job, in one place`);
      return [{ extra, handler }];
    });
  }

  /** A consumer that can't go on would leave its partitions unread in silence. */
  private fatal(error: Error): void {
    this.logger.fatal({ reason: error.message }, 'messaging cannot go on: the process ends');
    process.exit(1);
  }
}
