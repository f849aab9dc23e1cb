import { Logger } from '@nestjs/common';
import { messageOf, type SetAside, type Trialed } from './decide';

const logger = new Logger('Parking');

/** Says which messages are themselves at fault. Those that only wait are seen by their age, and would fill the log while a source is away. */
export function tellFaults(consumer: string, setAside: readonly SetAside<Trialed>[]): void {
  for (const { entry, failure } of setAside) {
    if (failure.state === 'waiting') continue;
    const message = messageOf(entry);
    const { key, lane, offset, identity } = entry.record;
    logger.warn(
      {
        consumer,
        state: failure.state,
        reason: failure.reason,
        type: message?.type,
        subjectId: key,
        messageId: identity,
        correlationId: message?.correlationId,
        lane,
        offset,
      },
      'a message was set aside, and its key stands still',
    );
  }
}
