import type { IHeaders } from 'kafkajs';

/** The header by which a writer knows its own record again: the id of the message in its outbox, which grows within a partition of a topic. */
export const outboxIdHeader = 'landfall-outbox-id';

/** The type of the message, as the CloudEvents binding for Kafka names it: whoever ignores the type need not read the value. */
export const typeHeader = 'ce_type';

const idPattern = /^\d{1,18}$/;

/** Undefined where the record is of another writer, or has something else there. */
export function outboxIdOf(headers: IHeaders | undefined): string | undefined {
  const text = headers?.[outboxIdHeader]?.toString();
  return text !== undefined && idPattern.test(text) ? text : undefined;
}

/** Undefined where another writer has sent the record: only of our own do we know that header and value agree. */
export const typeOf = (headers: IHeaders | undefined): string | undefined =>
  outboxIdOf(headers) === undefined ? undefined : headers?.[typeHeader]?.toString();
