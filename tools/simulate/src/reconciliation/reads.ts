import { subscriptionObserved, type SubscriptionRead } from '@landfall/contracts';
import { followOperation, judgeRead, mayBeOutstanding, overtakenBy, type Known, type Manner } from '@landfall/fulfillment/decisions';
import type { Effect } from '@landfall/messaging';
import type { Life } from '../life';
import { ownRegistration, subscriptionId } from '../microsoft/members';
import type { ShownOperation } from '../microsoft/microsoft.api';
import type { Observations } from './observations';

/** What came of reading some subscriptions. */
export interface Reads {
  /** Read, or given up until the next sweep. The others wait for Microsoft. */
  readonly handled: string[];
  readonly effects: Effect[];
  readonly ends: { readonly id: string; readonly effects: readonly Effect[]; readonly isLetThrough: boolean }[];
  readonly published: string[];
  /** Those that Get showed as ended, and the record had alive. */
  readonly shownEnded: string[];
  /** Read, but what awaits our answer could not be listed. */
  readonly unlistedIds: string[];
  readonly isAway: boolean;
}

interface One {
  readonly read: SubscriptionRead;
  /** Null: they could not be listed. */
  readonly operations: readonly Effect[] | null;
}

export interface ReadsOptions {
  readonly lives: ReadonlyMap<string, Life>;
  readonly observations: Observations;
  /** Says whose an effect is: within its life every subscription has the same id. */
  readonly own: (life: Life, effects: readonly Effect[]) => Effect[];
}

/** Stands in for the reads of a sweep by Get: side by side, and what they mean is the real decision. */
export class SubscriptionReads {
  constructor(private readonly options: ReadsOptions) {}

  /** `key` names this attempt. */
  of(ids: readonly string[], manner: Manner, key: string, done: (reads: Reads) => void): void {
    const { lives, observations } = this.options;
    const known = ids.map((id) => observations.knownOf(id));
    const answers: (One | 'away' | 'gone')[] = [];
    let missing = ids.length;
    ids.forEach((id, at) =>
      this.one(lives.get(id)!, key, (answer) => {
        answers[at] = answer;
        if (--missing === 0) done(this.together(ids, known, answers, manner));
      }),
    );
  }

  /** What awaits our answer is asked for as well. */
  private one({ api, services }: Life, key: string, answered: (answer: One | 'away' | 'gone') => void): void {
    services.fulfillment.read(ownRegistration, key, (read) => {
      if (!read) return answered(api.isGone ? 'gone' : 'away');
      if (!mayBeOutstanding(read.snapshot)) return answered({ read, operations: [] });
      api.outstanding(ownRegistration, key, (operations) => answered({ read, operations: operations && operations.map(followed) }));
    });
  }

  /** Null: what awaits our answer could not be listed. */
  listingOf(id: string, key: string, answered: (effects: Effect[] | null) => void): void {
    const life = this.options.lives.get(id)!;
    life.api.outstanding(ownRegistration, key, (operations) => answered(operations && this.options.own(life, operations.map(followed))));
  }

  private together(ids: readonly string[], known: readonly Known[], answers: readonly (One | 'away' | 'gone')[], manner: Manner): Reads {
    const { lives, own } = this.options;
    const reads: Reads = {
      handled: [],
      effects: [],
      ends: [],
      published: [],
      shownEnded: [],
      unlistedIds: [],
      isAway: answers.includes('away'),
    };
    ids.forEach((id, at) => {
      const answer = answers[at]!;
      if (answer === 'away') return;
      reads.handled.push(id);
      if (answer === 'gone') return;
      const life = lives.get(id)!;
      const { read, operations } = answer;
      const { record, isLetThrough = false } = known[at]!;
      const judged = judgeRead(record, read.snapshot, manner);
      const observed = subscriptionObserved({ subscriptionId, read, occasion: 'reconciliation', order: null, closes: [] });
      const told = [observed, ...overtakenBy(read)];
      if (record && record.status !== 'Unsubscribed' && read.snapshot.status === 'Unsubscribed') reads.shownEnded.push(id);
      reads.effects.push(...own(life, [...(judged === 'publish' ? told : []), ...(operations ?? [])]));
      if (!operations) reads.unlistedIds.push(id);
      if (judged === 'publish') reads.published.push(id);
      if (judged === 'ended') reads.ends.push({ id, isLetThrough, effects: own(life, told) });
    });
    return reads;
  }
}

const followed = ({ id: operationId, action, source, planId, quantity, timeStamp }: ShownOperation): Effect =>
  followOperation({
    ...{ subscriptionId, operationId, action },
    listed: { registration: ownRegistration, source, planId, quantity, timeStamp, isRevert: false, receivedAt: null },
  } as never);
