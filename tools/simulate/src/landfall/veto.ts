import type { Catalog } from '@landfall/contracts';
import type { JobOf, Outcome } from '@landfall/messaging';
import {
  ASK_AGAIN,
  askProduct,
  decideByProduct,
  questionOf,
  vetoLimits,
  type ProductsWord,
  type SubscriptionChange,
} from '@landfall/subscription/decisions';
import type { Chance } from '../chance';
import type { Faults } from '../microsoft/faults';
import type { Scheduler } from '../scheduler';
import { second } from '../time';
import type { Trace } from '../trace';
import type { Ending, RunningJob } from './jobs';

export interface VetoOptions {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly faults: Faults;
  readonly catalog: Catalog;
  readonly load: () => SubscriptionChange | undefined;
  /** Saves what was decided, with its effects. */
  readonly record: (outcome: Outcome<SubscriptionChange>, job: RunningJob) => void;
  readonly trace: Trace;
}

/** Stands in for the worker that asks the product, and for the product's answer: yes, no, late, never, or a lie, which is no answer. */
export class VetoPerformer {
  constructor(private readonly options: VetoOptions) {}

  ask(job: RunningJob & JobOf<typeof askProduct>, end: (ending: Ending) => void): void {
    const { catalog, load, record, chance, faults, scheduler, trace } = this.options;
    const { payload, ageMs } = job;
    const asked = questionOf(load(), payload, catalog);
    const decide = (word: ProductsWord | null) => {
      trace('product', () => `says ${word?.kind === 'answered' ? JSON.stringify(word.answer) : 'nothing that counts'}`);
      if (chance('veto crash', job.id, job.attempts) < faults.crash) {
        trace('crash', () => 'subscription ends between the answer and its commit');
        return end({ againAfterMs: 3 * second }); // its lease
      }
      const outcome = decideByProduct(load(), payload, catalog, asked, word);
      if (outcome.kind === 'ignored' && outcome.reason === ASK_AGAIN) return end({ againAfterMs: 0 });
      record(outcome, job);
      end({ done: [] });
    };
    if (!asked) return decide(null);
    if (ageMs > vetoLimits.askWithinMs) return decide({ kind: 'silent', reason: 'too late' });
    const { word, afterMs } = this.answer(payload.operationId, job.attempts);
    if (afterMs > vetoLimits.answerWithinMs) scheduler.after(vetoLimits.answerWithinMs, () => decide({ kind: 'silent', reason: 'late' }));
    else scheduler.after(afterMs, () => decide(word));
  }

  private answer(operationId: string, attempt: number): { readonly word: ProductsWord; readonly afterMs: number } {
    const { chance, faults } = this.options;
    const draw = (question: string) => chance('veto', question, operationId, attempt);
    const isAllowed = chance('veto', 'allowed', operationId) < 0.5; // the same each time that it is asked
    const afterMs = draw('slow') < faults.vetoSlow ? draw('takes') * 5 * second : 20 + draw('takes') * 200;
    if (draw('silent') < faults.vetoSilent) return { word: { kind: 'silent', reason: 'it lies' }, afterMs };
    const answer = isAllowed ? ({ allowed: true } as const) : ({ allowed: false, reason: 'no' } as const);
    return { word: { kind: 'answered', answer }, afterMs };
  }
}
