import { Inject, Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { BatchRunner } from './batch';
import { SERVICE, type ServiceIdentity } from './messaging.config';
import { isOutage, reasonOf } from './outage';
import { Parking, type ParkedKey } from './parking';
import type { TopicHandler } from './topic.handler';
import { inTransaction } from './transaction';
import { Wakeup } from './wakeup';

/** Keys of one round, and messages of one key in it. */
const keysPerRound = 50;
const messagesPerKey = 20;
/** How often it looks while nothing is known to wait: for what other copies and earlier lives left behind. */
const idleMs = 1000;
/** How often it looks while this process has set something aside lately: the shortest delay is 250 ms. */
const busyMs = 100;
/** How long "lately" is: the delays up to 5 s are met in time, longer ones by the idle look. */
const busyForMs = 10_000;

/** Tries the messages that stand still again, in order per key, each when its delay is over. */
@Injectable()
export class Retrier {
  private readonly logger = new Logger('Retrier');
  private readonly parking: Parking;
  private readonly nudge = new Wakeup();
  private handlers = new Map<string, TopicHandler>();
  private running?: Promise<void>;
  private isStopping = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly batches: BatchRunner,
    @Inject(SERVICE) service: ServiceIdentity,
  ) {
    this.parking = new Parking(service.name);
  }

  serve(handlers: readonly TopicHandler[]): void {
    this.handlers = new Map(handlers.map((handler) => [handler.consumer, handler]));
  }

  start(): void {
    if (this.handlers.size === 0 || this.running) return;
    this.isStopping = false;
    this.running = this.loop();
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    this.nudge.ring();
    this.batches.setAside.ring();
    await this.running;
    this.running = undefined;
  }

  /** Tries what is due, once; with `all`, whatever stands still and is not dead. Gives the number of keys. */
  async round(all = false): Promise<number> {
    const keys = await inTransaction(this.dataSource, (tx) => this.parking.due(tx, [...this.handlers.keys()], keysPerRound, all));
    const byConsumer = Map.groupBy(keys, ({ consumer }) => consumer);
    await Promise.all([...byConsumer].map(([consumer, parked]) => this.replay(consumer, parked)));
    return keys.length;
  }

  private async replay(consumer: string, keys: ParkedKey[]): Promise<void> {
    const names = keys.map(({ key }) => key);
    const rows = await inTransaction(this.dataSource, (tx) => this.parking.first(tx, consumer, names, messagesPerKey));
    await this.handlers.get(consumer)!.replay(keys, rows);
  }

  private async loop(): Promise<void> {
    let busyUntil = 0;
    while (!this.isStopping) {
      let tried = 0;
      try {
        tried = await this.round();
      } catch (error) {
        this.logger[isOutage(error) ? 'warn' : 'error']({ reason: reasonOf(error) }, 'a round of trials failed; the keys are tried again');
        await this.nudge.wait(idleMs);
      }
      if (tried > 0) busyUntil = performance.now() + busyForMs;
      if (tried === keysPerRound || this.isStopping) continue;
      if (performance.now() < busyUntil) await this.nudge.wait(busyMs);
      else {
        const waited = performance.now();
        await this.batches.setAside.wait(idleMs);
        if (performance.now() - waited < idleMs) busyUntil = performance.now() + busyForMs;
      }
    }
  }
}
