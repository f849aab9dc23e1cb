import type { Draft, Topic } from '@landfall/contracts';
import { applyDecorators, UseFilters } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import type { Transaction } from '../transaction';
import { transportId } from './consumes';
import { ErrorsAsTheyAre } from './errors-as-they-are.filter';

/** Some of the states that a compacted topic is made from, and where the next ones begin. */
export interface RebuildPage {
  /** The newest message of each key, as it was said with the last change: with its `sequence`, so that readers take it for no news. */
  readonly messages: readonly Draft[];
  /** The last key of the page; null where nothing follows it. */
  readonly next: string | null;
}

/**
 * Reads a page of the table behind a key, in key order. It locks the rows (`for update`): what is said again is then the newest state, and no newer one
 * overtakes it.
 */
export type RebuildSource = (tx: Transaction, after: string | null, limit: number) => Promise<RebuildPage>;

type Declaration = TypedPropertyDescriptor<() => RebuildSource>;

/**
 * The controller method below gives the states of a compacted topic that this service writes. It is called once, when the service starts. With it the
 * topic can be rebuilt from the table at any time, and the service reads back what it wrote there.
 */
export const Rebuilds = (topic: Topic) => {
  if (!topic.isCompacted) throw new Error(`${topic.name} is not compacted: what it had is published again from the outbox`);
  return applyDecorators(EventPattern<string>(`rebuild:${topic.name}`, transportId, { rebuilds: topic }), UseFilters(ErrorsAsTheyAre)) as (
    target: object,
    method: string | symbol,
    descriptor: Declaration,
  ) => void;
};
