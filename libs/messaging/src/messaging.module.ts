import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { BatchRunner } from './batch';
import { Isolation } from './isolate';
import { JobRunner } from './job.runner';
import { KafkaServer } from './kafka.server';
import { Landfall } from './landfall';
import { LaneSetting } from './lane.setting';
import { Maintenance } from './maintenance';
import { CONFIG, SERVICE, type MessagingConfig, type ServiceIdentity } from './messaging.config';
import { MessagingHealth } from './messaging.health';
import { OperatorDesk } from './operator.desk';
import { Outbox } from './outbox';
import { BUSINESS_CLOCK, CLOCK, clockFrom, FAULT_POINTS, noFaults, RANDOMNESS, realRandomness } from './ports';
import { QueueAges } from './queue.ages';
import { Relay } from './relay';
import { ReplayRunner } from './replay';
import { Retrier } from './retrier';

/** Under this token the service's start finds the transport and connects it. */
export const TRANSPORT = Symbol.for('landfall.transport');

/** A table of contents: what a service that speaks on Kafka gets. */
@Module({})
export class MessagingModule {
  /** `service` is the name of the service and of its schema. The configuration is read when the module starts. */
  static for(service: string, config: MessagingConfig): DynamicModule {
    const identity: Provider = {
      provide: SERVICE,
      useFactory: (): ServiceIdentity => ({
        name: service,
        lanes: config.values.LANES,
        instance: `${service}@${config.values.INSTANCE_NAME}`,
      }),
    };
    const ports: Provider[] = [
      { provide: CLOCK, useFactory: clockFrom, inject: [{ token: BUSINESS_CLOCK, optional: true }] },
      { provide: RANDOMNESS, useValue: realRandomness },
      { provide: FAULT_POINTS, useValue: noFaults },
    ];
    const sending = [Outbox, Landfall, Relay, LaneSetting];
    const receiving = [Isolation, BatchRunner, ReplayRunner, Retrier, KafkaServer, { provide: TRANSPORT, useExisting: KafkaServer }];
    const keeping = [JobRunner, Maintenance, OperatorDesk, QueueAges, MessagingHealth];
    return {
      module: MessagingModule,
      global: true,
      providers: [identity, { provide: CONFIG, useValue: config }, ...ports, ...sending, ...receiving, ...keeping],
      exports: [Landfall, OperatorDesk, TRANSPORT, CLOCK],
    };
  }
}
