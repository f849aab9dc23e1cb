import { Inject, Injectable, Optional, type OnModuleInit } from '@nestjs/common';
import { KafkaServer } from './kafka.server';

/** Where checks are registered; the service's own start-up library provides it under this name, and this library need not know that one. */
export const HEALTH_REGISTRY = Symbol.for('landfall.healthRegistry');

interface HealthRegistry {
  add(kind: 'live' | 'ready', name: string, check: () => void | Promise<void>): void;
}

/**
 * A consumer that fetches nothing is not alive. Readiness does not depend on Kafka: a door that can commit may be used, whether or not messages
 * flow.
 */
@Injectable()
export class MessagingHealth implements OnModuleInit {
  constructor(
    private readonly server: KafkaServer,
    @Optional() @Inject(HEALTH_REGISTRY) private readonly registry?: HealthRegistry,
  ) {}

  onModuleInit(): void {
    this.registry?.add('live', 'consumers', () => this.server.checkAlive());
  }
}
