import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HealthRegistry } from '@landfall/service-defaults';
import { KafkaServer } from './kafka/kafka.server';

/**
 * A consumer that fetches nothing is not alive. Readiness does not depend on Kafka: an endpoint that can commit may be used, whether or not
 * messages flow.
 */
@Injectable()
export class MessagingHealth implements OnModuleInit {
  constructor(
    private readonly server: KafkaServer,
    private readonly registry: HealthRegistry,
  ) {}

  onModuleInit(): void {
    this.registry.add('live', 'consumers', () => this.server.checkAlive());
  }
}
