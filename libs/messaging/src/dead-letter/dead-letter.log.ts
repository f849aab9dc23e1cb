import { Logger } from '@nestjs/common';
import { messageOf, type BatchEntry } from '../consumer/batch.entry';
import { isPlainId } from '../consumer/received';
import type { Failed } from '../consumer/decide';

const logger = new Logger('DeadLetter');

/** Logs which messages are themselves at fault. Those that only wait are seen by their age, and would fill the log while a source is away. */
export function logFaults(consumer: string, failed: readonly Failed<BatchEntry>[]): void {
  for (const { entry, failure } of failed) {
    if (failure.state === 'waiting') continue;
    const message = messageOf(entry);
    const { key, partition, offset, identity } = entry.record;
    logger.warn(
      {
        consumer,
        state: failure.state,
        reason: failure.reason,
        type: message?.type,
        subjectId: message && isPlainId(message.key) ? message.key : undefined,
        keyId: key,
        messageId: identity,
        correlationId: message && isPlainId(message.correlationId) ? message.correlationId : identity,
        partition,
        offset,
      },
      'a message could not be handled: it is a dead letter, and blocks its key',
    );
  }
}
