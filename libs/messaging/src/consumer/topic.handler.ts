import type { MessageHandler } from '@nestjs/microservices';
import type { Topic } from '@landfall/contracts';
import { isObservable, lastValueFrom } from 'rxjs';
import type { ConsumerRecords } from '../handlers/records';
import type { AnyStages } from '../handlers/stages';

/** What a service does with one topic, known when it starts. */
export interface TopicHandler {
  readonly topic: Topic;
  /** `<service>.<topic>`: the owner of blocked keys. The Kafka group is named by it (`groupOf`). */
  readonly consumer: string;
  readonly stages: AnyStages;
}

/** The same for a topic whose records are taken as they came. */
export interface RecordHandler {
  readonly topic: Topic;
  readonly consumer: string;
  readonly records: ConsumerRecords;
}

/**
 * Asks the controller method of a topic what it does with it, through Nest's own proxy, so that its controller is ready.
 * @throws Error where the topic does not name the service among its readers: brokers that know rights would let nobody of that name read it
 */
export async function topicHandlerOf(topic: Topic, service: string, handler: MessageHandler): Promise<TopicHandler | RecordHandler> {
  const declared = (await called(handler, undefined)) as AnyStages | ConsumerRecords | undefined;
  if (declared?.topic !== topic)
    throw new Error(
      `The consumer of ${topic.name} must return stages(${topic.name}, { decide: … }) or records(${topic.name}, { take, refuse })`,
    );
  if (!topic.readers.includes(service))
    throw new Error(`${service} reads ${topic.name}: name it among the readers of that topic in topics.ts`);
  const consumer = `${service}.${topic.name}`;
  return 'take' in declared ? { topic, consumer, records: declared } : { topic, consumer, stages: declared };
}

/** Calls a handler of Nest and gives its result. Nest hands a thrown error on inside an Observable, where it is lost unless subscribed. */
export async function called(handler: MessageHandler, argument: unknown): Promise<unknown> {
  const result: unknown = await handler(argument, {});
  return isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result;
}
