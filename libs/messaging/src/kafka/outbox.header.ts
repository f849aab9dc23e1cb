import type { IHeaders } from 'kafkajs';

/** The header by which a writer knows its own record again: the id of the message in its outbox, which grows within a partition of a topic. */
export const outboxIdHeader = 'landfall-outbox-id';

const idPattern = /^\d{1,18}$/;

/** Undefined where the record is of another writer, or has something else there. */
export function outboxIdOf(headers: IHeaders | undefined): string | undefined {
  const text = headers?.[outboxIdHeader]?.toString();
  return text !== undefined && idPattern.test(text) ? text : undefined;
}
