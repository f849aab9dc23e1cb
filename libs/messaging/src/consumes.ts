import type { Message, MessageDefinition, MessageOf, Topic } from '@landfall/contracts';
import { applyDecorators, UseFilters } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { ErrorsAsTheyAre } from './errors-as-they-are.filter';
import type { Stages } from './stages';

/** Marks the handlers of this library, so that Nest gives them to our transport and to no other. */
export const transportId = Symbol('landfall');

type Handler<T extends Topic> = TypedPropertyDescriptor<(batch: BatchOf<T>) => Promise<void>>;

/** The controller method below receives every batch of this topic. A service has one method per topic. */
export const Consumes = <T extends Topic>(topic: T) =>
  applyDecorators(EventPattern<string>(topic.name, transportId, { topic }), UseFilters(ErrorsAsTheyAre)) as (
    target: object,
    method: string | symbol,
    descriptor: Handler<T>,
  ) => void;

/** The messages that `only` leaves; all of them where it is not given. */
export type Interesting<M, Only extends MessageDefinition> = [Only] extends [never] ? M : Extract<M, { type: Only['type'] }>;

/** Handles what a batch holds; given by the library. */
export type Processor = (stages: Stages<Message, unknown, unknown>, only?: ReadonlySet<string>) => Promise<void>;

/** A run of messages of one topic, in order within a key. `process` must be called: a batch that nobody processed is an error. */
export class Batch<M extends Message> {
  private called = false;

  constructor(
    readonly messages: readonly M[],
    private readonly processor: Processor,
  ) {}

  get isProcessed(): boolean {
    return this.called;
  }

  /** Runs the stages over the batch in one transaction. With `only`, messages of other types are counted as ignored and never decided. */
  process<State, Gathered = undefined, Only extends MessageDefinition = never>(
    stages: Stages<Interesting<M, Only> & Message, State, Gathered>,
    options: { only?: readonly Only[] } = {},
  ): Promise<void> {
    if (this.called) throw new Error('A batch can be processed once');
    this.called = true;
    const only = options.only && new Set(options.only.map((definition) => definition.type));
    return this.processor(stages as unknown as Stages<Message, unknown, unknown>, only);
  }
}
export type BatchOf<T extends Topic> = Batch<MessageOf<T> & Message>;
