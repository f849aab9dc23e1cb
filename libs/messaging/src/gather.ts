import type { Message } from '@landfall/contracts';
import type { AnyStages, Trialed } from './decide';
import { messageOf } from './decide';
import type { Failure } from './failure';
import { isAway, isPermanent, reasonOf } from './outage';
import type { Trial } from './stages';
import { FactsMissing } from './stages';

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

/** Asks for the facts of every message, many at once, before the transaction. What fails is noted at its entry; nothing is asked twice. */
export async function gatherAll(entries: readonly Trialed[], stages: AnyStages, trialOf: (entry: Trialed) => Trial): Promise<void> {
  if (!stages.gather) return;
  const errors = new Map<Trialed, unknown>();
  const asked = entries.filter((entry) => !entry.failure && messageOf(entry));
  let next = 0;
  const asker = async () => {
    for (let entry = asked[next++]; entry; entry = asked[next++]) {
      try {
        entry.gathered = await inTime(stages, messageOf(entry)!, trialOf(entry));
      } catch (error) {
        errors.set(entry, error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, asked.length) }, asker));
  const isOutage = looksLikeAnOutage([...errors.values()], asked.length);
  for (const [entry, error] of errors) entry.failure = waitingFor(error, isOutage);
}

function looksLikeAnOutage(errors: unknown[], asked: number): boolean {
  const unexplained = errors.filter((error) => !(error instanceof FactsMissing) && !isPermanent(error)).length;
  return unexplained >= fewestFailuresOfAnOutage && unexplained * 2 > asked;
}

function waitingFor(error: unknown, isOutage: boolean): Failure {
  const reason = reasonOf(error);
  if (isPermanent(error)) return { state: 'dead', reason };
  return { state: 'waiting', reason, isAway: isAway(error) || (isOutage && !(error instanceof FactsMissing)) };
}

async function inTime(stages: AnyStages, message: Message, trial: Trial): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new FactsLate(`the facts took longer than ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([stages.gather!(message, trial), late]);
  } finally {
    clearTimeout(timer);
  }
}
