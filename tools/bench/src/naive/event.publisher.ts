import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Kafka, logLevel } from 'kafkajs';
import { config } from './naive.config';

/** Sends events to Kafka, acknowledged by all replicas. */
@Injectable()
export class EventPublisher implements OnModuleInit, OnModuleDestroy {
  private readonly producer = new Kafka({ clientId: 'naive', brokers: config.kafkaBrokers, logLevel: logLevel.WARN }).producer();

  async onModuleInit(): Promise<void> {
    await this.producer.connect();
  }

  async onModuleDestroy(): Promise<void> {
    await this.producer.disconnect();
  }

  async publish(subscriptionId: string, event: object): Promise<void> {
    await this.producer.send({ topic: config.topic, acks: -1, messages: [{ key: subscriptionId, value: JSON.stringify(event) }] });
  }
}
