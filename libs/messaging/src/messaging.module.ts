import { Module, type DynamicModule } from '@nestjs/common';
import { Landfall } from './landfall';
import { SERVICE, type MessagingConfig, type ServiceIdentity } from './messaging.config';
import { Outbox } from './outbox';
import { CLOCK, FAULT_POINTS, noFaults, RANDOMNESS, realClock, realRandomness } from './ports';

/** A table of contents: what a service that speaks on Kafka gets. */
@Module({})
export class MessagingModule {
  /** `service` is the name of the service and of its schema. The configuration is read when the module starts. */
  static for(service: string, config: MessagingConfig): DynamicModule {
    return {
      module: MessagingModule,
      global: true,
      providers: [
        {
          provide: SERVICE,
          useFactory: (): ServiceIdentity => ({ name: service, lanes: config.values.LANES, instance: config.values.INSTANCE_NAME }),
        },
        { provide: CLOCK, useValue: realClock },
        { provide: RANDOMNESS, useValue: realRandomness },
        { provide: FAULT_POINTS, useValue: noFaults },
        Outbox,
        Landfall,
      ],
      exports: [Landfall],
    };
  }
}
