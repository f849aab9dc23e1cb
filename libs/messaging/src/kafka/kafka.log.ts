import { Logger } from '@nestjs/common';
import { logLevel, type logCreator, type LogEntry } from 'kafkajs';

const logger = new Logger('Kafka');

/** A broker that is slow has kafkajs say one thing hundreds of times a minute: so often it is written. */
const repetitionMs = 60_000;
/** So many different lines are remembered; then all are forgotten, and written once more. */
const linesRemembered = 500;

/** Which lines are written: one and the same once a minute, with how many were not since. */
export class Repetitions {
  private readonly lines = new Map<string, { readonly at: number; unwritten: number }>();

  /** Undefined where the line is left out; else how many like it were left out before. */
  take(line: string, now: number): number | undefined {
    const last = this.lines.get(line);
    if (last && now - last.at < repetitionMs) {
      last.unwritten += 1;
      return undefined;
    }
    if (this.lines.size >= linesRemembered) this.lines.clear();
    this.lines.set(line, { at: now, unwritten: 0 });
    return last?.unwritten ?? 0;
  }
}

const repetitions = new Repetitions();

/** kafkajs logs as "error" everything that it repeats by itself; what it can't repeat reaches us as an error. So it warns at most. */
export const kafkaLog: logCreator =
  () =>
  ({ level, log, namespace }: LogEntry) => {
    const { message, broker, groupId, error, topic, partition, retryCount } = log;
    const unwritten = repetitions.take(
      JSON.stringify([level, namespace, message, broker, groupId, error, topic, partition]),
      performance.now(),
    );
    if (unwritten === undefined) return;
    const fields = { type: namespace, address: broker, group: groupId, reason: error, topic, partition, retryCount };
    const said = unwritten > 0 ? { ...fields, unwritten } : fields;
    if (level <= logLevel.WARN) logger.warn(said, message);
    else logger.debug(said, message);
  };
