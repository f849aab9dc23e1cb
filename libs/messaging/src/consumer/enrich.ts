import type { Failure } from '../dead-letter/attempts';
import { isAway, isDatabaseAway, isPermanent, reasonOf } from '../failure';
import { FactsMissing, type AnyStages, type Attempt } from '../handlers/stages';
import { messageOf, type BatchEntry } from './batch.entry';

/** Reads of one batch that run at the same time. */
const concurrency = 64;
/** The longest that one message may ask for its facts. */
const limitMs = 1000;
/** With at least this many failures that are more than half of the batch, the source itself is away. */
const fewestFailuresOfAnOutage = 10;

class FactsLate extends Error {
  readonly code = 'FACTS_LATE';
  readonly retriable = true;
}

/**
 * Asks for the facts of every message that has an `enrich`, many at once, before the transaction. What fails gets its failure set; nothing is
 * asked twice.
 */
export async function enrichAll<T extends BatchEntry>(
  entries: readonly T[],
  stages: AnyStages,
  attemptOf: (entry: T) => Attempt,
): Promise<void> {
  if (!stages.enrich) return;
  const errors = new Map<T, unknown>();
  const asked = entries.filter((entry) => !entry.failure && enricherOf(stages, entry));
  let next = 0;
  const asker = async () => {
    for (let entry = asked[next++]; entry; entry = asked[next++]) {
      try {
        entry.facts = await inTime(enricherOf(stages, entry)!(messageOf(entry)!, attemptOf(entry)));
      } catch (error) {
        errors.set(entry, error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, asked.length) }, asker));
  const isOutage = looksLikeAnOutage([...errors.values()], asked.length);
  for (const [entry, error] of errors) entry.failure = waitingFor(error, isOutage);
}

const enricherOf = (stages: AnyStages, entry: BatchEntry) => stages.enrich?.[messageOf(entry)?.type ?? ''];

function looksLikeAnOutage(errors: unknown[], asked: number): boolean {
  const unexplained = errors.filter((error) => !(error instanceof FactsMissing) && !isPermanent(error)).length;
  return unexplained >= fewestFailuresOfAnOutage && unexplained * 2 > asked;
}

function waitingFor(error: unknown, isOutage: boolean): Failure {
  const reason = reasonOf(error);
  if (isPermanent(error)) return { state: 'dead', reason };
  return { state: 'waiting', reason, isAway: isAway(error) || isDatabaseAway(error) || (isOutage && !(error instanceof FactsMissing)) };
}

async function inTime(asking: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new FactsLate(`the facts took longer than ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([asking, late]);
  } finally {
    clearTimeout(timer);
  }
}
