import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { TRANSPORT } from '@landfall/service-defaults';
import { DeadLetterAdministration } from './administration/dead-letter/dead-letter.administration';
import { DeadLetterController } from './administration/dead-letter/dead-letter.controller';
import { DeadLetterReader } from './administration/dead-letter/dead-letter.reader';
import { JobAdministration } from './administration/job/job.administration';
import { JobController } from './administration/job/job.controller';
import { TopicAdministration } from './administration/topic/topic.administration';
import { TopicController } from './administration/topic/topic.controller';
import { OperatorActController } from './administration/act/operator-act.controller';
import { OperatorActs } from './administration/act/operator-acts';
import { OperatorActRepository } from './administration/act/operator-act.repository';
import { BatchProcessor } from './consumer/batch.processor';
import { Bisection } from './consumer/bisect';
import { RecordProcessor } from './consumer/record.processor';
import { DeadLetterRepository } from './dead-letter/dead-letter.repository';
import { Redelivery } from './dead-letter/redelivery';
import { StoredMessages } from './erasure/stored.messages';
import { JobRunner } from './jobs/job.runner';
import { KafkaServer } from './kafka/kafka.server';
import { CONFIG, SERVICE, type MessagingConfig, type ServiceIdentity } from './messaging.config';
import { MessagingHealth } from './messaging.health';
import { Maintenance } from './outbox/maintenance';
import { Outbox } from './outbox/outbox';
import { PartitionSetting } from './outbox/partition.setting';
import { ReadMarks } from './kafka/read.marks';
import { ReadBack } from './outbox/read.back';
import { RebuildSources } from './outbox/rebuild.sources';
import { Relay } from './outbox/relay';
import { CONSUMER_WATCH, consumerWatchLimits, FAULT_POINTS, noFaults, RANDOMNESS, realRandomness } from './ports';
import { RestoredDatabase } from './restore/restored.database';
import { QueueAges } from './queue.ages';
import { UnitOfWork } from './unit-of-work';

/** A table of contents: what a service that speaks on Kafka gets. It stands on `ServiceModule`: its database, its clock, its health. */
@Module({})
export class MessagingModule {
  /** `service` is the name of the service and of its schema. The configuration is read when the module starts. */
  static for(service: string, config: MessagingConfig): DynamicModule {
    const identity: Provider = {
      provide: SERVICE,
      useFactory: (): ServiceIdentity => ({
        name: service,
        partitions: config.values.PARTITIONS,
        instance: `${service}@${config.values.INSTANCE_NAME}`,
        restoredAt: config.values.RESTORED_AT,
      }),
    };
    const ports: Provider[] = [
      { provide: RANDOMNESS, useValue: realRandomness },
      { provide: FAULT_POINTS, useValue: noFaults },
      { provide: CONSUMER_WATCH, useValue: consumerWatchLimits },
    ];
    const sending = [Outbox, UnitOfWork, Relay, ReadBack, RebuildSources, PartitionSetting, Maintenance];
    const receiving = [Bisection, BatchProcessor, RecordProcessor, DeadLetterRepository, Redelivery, RestoredDatabase, KafkaServer];
    const keeping = [ReadMarks, JobRunner, QueueAges, MessagingHealth, StoredMessages];
    const administration = [
      OperatorActRepository,
      OperatorActs,
      DeadLetterReader,
      DeadLetterAdministration,
      JobAdministration,
      TopicAdministration,
    ];
    return {
      module: MessagingModule,
      global: true,
      controllers: [DeadLetterController, JobController, OperatorActController, TopicController],
      providers: [
        identity,
        { provide: CONFIG, useValue: config },
        { provide: TRANSPORT, useExisting: KafkaServer },
        ...ports,
        ...sending,
        ...receiving,
        ...keeping,
        ...administration,
      ],
      exports: [UnitOfWork, ReadMarks, RestoredDatabase, OperatorActs, StoredMessages, DeadLetterAdministration, TRANSPORT],
    };
  }
}
