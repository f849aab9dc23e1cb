import type { Message, Topic } from '@landfall/contracts';
import type { MessageHandler } from '@nestjs/microservices';
import { lastValueFrom, isObservable } from 'rxjs';
import type { BatchRunner } from './batch';
import { Batch, type Processor } from './consumes';
import { messageOf, type Trialed } from './decide';
import type { ParkedKey, ParkedRow } from './parking';
import type { Received } from './received';
import { replayed, type ReplayRunner } from './replay';

/** The controller method of one topic, with Nest's guards, pipes and interceptors around it. */
export class TopicHandler {
  constructor(
    readonly topic: Topic,
    /** `<service>.<topic>`: the name of the Kafka group, and of the owner of parked keys. */
    readonly consumer: string,
    private readonly handler: MessageHandler,
    private readonly batches: BatchRunner,
    private readonly replays: ReplayRunner,
  ) {}

  /** Hands on what Kafka delivered. Resolves when it is committed. */
  deliver(records: readonly Received[]): Promise<void> {
    const entries = records.map((record) => ({ record }));
    return this.invoke(entries, (stages, only) => this.batches.run(this.consumer, records, stages, only));
  }

  /** Hands on what stood still. Resolves when every key is freed or postponed. */
  replay(keys: readonly ParkedKey[], rows: readonly ParkedRow[]): Promise<void> {
    const entries = replayed(this.topic, rows);
    return this.invoke(entries, (stages, only) => this.replays.run(this.consumer, keys, entries, stages, only));
  }

  private async invoke(entries: readonly Trialed[], processor: Processor): Promise<void> {
    const messages = entries.flatMap((entry) => messageOf(entry) ?? []) as Message[];
    const batch = new Batch(messages, processor);
    await called(this.handler, batch);
    if (!batch.isProcessed) throw new Error(`The consumer of ${this.topic.name} returned without batch.process(): nothing would be stored`);
  }
}

/** Calls a handler of Nest and gives its result. Nest hands a thrown error on inside an Observable, where it is lost unless subscribed. */
export async function called(handler: MessageHandler, argument: unknown): Promise<unknown> {
  const result: unknown = await handler(argument, {});
  return isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result;
}
