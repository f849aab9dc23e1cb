import type { Topic } from '@landfall/contracts';
import { applyDecorators, UseFilters } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { ErrorsAsTheyAre } from './errors-as-they-are.filter';
import type { ConsumerRecords } from './records';
import type { ConsumerStages } from './stages';

/** Marks the handlers of this library, so that Nest gives them to our transport and to no other. */
export const transportId = Symbol('landfall');

type Declaration<D> = TypedPropertyDescriptor<() => D>;

/**
 * The controller method below declares the stages of this topic, or that its records are taken as they came. It is called once, when the service starts; a service has one method per topic.
 * It is an event pattern of our transport, so that Nest finds it and injects its controller like every other.
 */
export const Consumes = <T extends Topic>(topic: T) =>
  applyDecorators(EventPattern<string>(topic.name, transportId, { topic }), UseFilters(ErrorsAsTheyAre)) as <
    Declared extends ConsumerStages<T> | ConsumerRecords<T>,
  >(
    target: object,
    method: string | symbol,
    descriptor: Declaration<Declared>,
  ) => void;
