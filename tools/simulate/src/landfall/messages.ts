import { stableId, type Message } from '@landfall/contracts';
import type { Effect, JobDraft, Overtaken } from '@landfall/messaging';
import { instantOf } from '../time';

/** What led to the effects of a decision. The ids of the effects are made from `id`, so it is the same in every repetition and in nothing else. */
export interface Cause {
  readonly id: string;
  readonly correlationId: string;
}

export interface StoredJob extends JobDraft {
  readonly id: string;
  readonly correlationId: string;
}

/** Gives effects their identity, as the outbox does: from the cause, the type or kind, and the position in the decision. */
export function addressed(
  effects: readonly Effect[],
  service: string,
  cause: Cause,
  nowMs: number,
): { messages: Message[]; jobs: StoredJob[]; overtakings: Overtaken[] } {
  const messages: Message[] = [];
  const jobs: StoredJob[] = [];
  const overtakings: Overtaken[] = [];
  const { correlationId } = cause;
  effects.forEach((effect, position) => {
    if ('overtaken' in effect) {
      overtakings.push(effect);
      return;
    }
    if ('kind' in effect) {
      jobs.push({ ...effect, id: stableId(cause.id, effect.kind, position), correlationId });
      return;
    }
    const id = stableId(cause.id, effect.type, position);
    messages.push({ ...effect, id, source: `landfall/${service}`, time: instantOf(nowMs), epoch: 1, correlationId, causationId: cause.id });
  });
  return { messages, jobs, overtakings };
}
