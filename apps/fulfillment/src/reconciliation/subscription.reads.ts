import { subscriptionObserved, type SubscriptionRead } from '@landfall/contracts';
import { MarketplaceError } from '@landfall/marketplace-client';
import { Overloaded, type Effect } from '@landfall/messaging';
import { Injectable, Logger } from '@nestjs/common';
import { MicrosoftClient, type Work } from '../microsoft/microsoft.client';
import { MicrosoftAway, SubscriptionNotShown } from '../microsoft/microsoft.errors';
import { overtakenBy } from '../observation/overtaken.domain';
import { followOperation } from '../operation/operation.job';
import { OtherRegistration, RegistrationNotRead } from '../registration/registration.errors';
import { ObservationRepository } from './observation.repository';
import type { Known, Manner, Recorded } from './reconciliation';
import { isUnsaid, judgeRead, mayBeOutstanding } from './sweep.domain';

/** What came of reading some subscriptions. */
export interface Reads {
  /** Read, or given up until the next sweep. The others wait for Microsoft. */
  readonly handled: string[];
  readonly effects: Effect[];
  /** Ends of what the record has alive, and their messages: whoever asked decides whether they wait. */
  readonly endedIds: string[];
  readonly ends: Effect[];
  readonly published: number;
  readonly unread: number;
  readonly operations: number;
  /** Microsoft, or our own database, is away, and something was not read. */
  readonly away: Error | null;
}

/** What customers and webhooks wait for goes before it. */
const LAST = { purpose: 'reconciliation' } as const;
/** So often one sweep asks for a subscription of which Microsoft's answers leave out what counts. */
const READS_OF_ONE = 3;

interface Subject {
  readonly subscriptionId: string;
  readonly registration: string;
}

interface One {
  /** Oldest first; each says something that those before it left out, or tried to. */
  readonly reads: readonly SubscriptionRead[];
  readonly operations: Effect[];
}

/** Reads subscriptions by Get, in the order of our numbers, and says what is to be told of them. */
@Injectable()
export class SubscriptionReads {
  private readonly logger = new Logger('Reconciliation');

  constructor(
    private readonly microsoft: MicrosoftClient,
    private readonly observations: ObservationRepository,
  ) {}

  async of(ids: readonly string[], manner: Manner, work: Work): Promise<Reads> {
    const known = await this.observations.knownOf(ids);
    const answers = await Promise.allSettled(ids.map((id) => this.one(id, known.get(id)!.record, manner, work)));
    const reads: Reads = { handled: [], effects: [], endedIds: [], ends: [], published: 0, unread: 0, operations: 0, away: null };
    return answers.reduce((before, answer, at) => {
      const id = ids[at]!;
      return answer.status === 'fulfilled'
        ? withRead(before, id, known.get(id)!, answer.value, manner)
        : this.withError(before, id, answer.reason as Error);
    }, reads);
  }

  /** What awaits our answer is asked for as well: its webhook may have come to nobody, during an outage of ours (contract 3.10). */
  private async one(subscriptionId: string, record: Recorded | null, { registration }: Manner, work: Work): Promise<One> {
    const reads = await this.readsOf({ subscriptionId, registration }, record, work);
    if (!reads.every(({ snapshot }) => mayBeOutstanding(snapshot))) return { reads, operations: [] };
    const operations = await this.outstandingOf({ subscriptionId, registration }, work);
    const followed = operations.map(({ operationId, action, source, planId, quantity, timeStamp }) =>
      followOperation({
        ...{ subscriptionId, operationId, action },
        listed: { registration, source, planId, quantity, timeStamp, isRevert: false, receivedAt: null },
      }),
    );
    return { reads, operations: followed };
  }

  /** What an answer leaves out is not said (rule 1), and nothing else may ever tell it: it is asked for again. */
  private async readsOf(subject: Subject, record: Recorded | null, work: Work): Promise<SubscriptionRead[]> {
    const reads = [await this.microsoft.subscription(subject, work, LAST)];
    const answers = () => reads.map(({ snapshot }) => snapshot);
    while (reads.length < READS_OF_ONE && isUnsaid(record, answers())) reads.push(await this.microsoft.subscription(subject, work, LAST));
    return reads;
  }

  /** A list that Microsoft refuses takes nothing from the read: the next sweep asks for it again. */
  private async outstandingOf(subject: Subject, work: Work) {
    try {
      return (await this.microsoft.outstanding(subject, work, LAST)).operations;
    } catch (error) {
      if (!(error instanceof MarketplaceError)) throw error;
      this.logger.warn({ subscriptionId: subject.subscriptionId, reason: error.message }, 'what awaits our answer could not be listed');
      return [];
    }
  }

  /** An outage is waited for. What Microsoft does not show, or not in words that can be read, is left to the next sweep. */
  private withError(before: Reads, subscriptionId: string, error: Error): Reads {
    const isAway = error instanceof MicrosoftAway || error instanceof Overloaded || error instanceof RegistrationNotRead;
    if (isAway) return { ...before, away: error };
    const isAnswer = error instanceof MarketplaceError || error instanceof SubscriptionNotShown || error instanceof OtherRegistration;
    if (!isAnswer) throw error;
    this.logger.warn({ subscriptionId, reason: error.message }, 'a subscription of the list could not be read: the next sweep tries again');
    return { ...before, handled: [...before.handled, subscriptionId], unread: before.unread + 1 };
  }
}

function withRead(before: Reads, subscriptionId: string, { record }: Known, { reads, operations }: One, manner: Manner): Reads {
  const judgements = reads.map(({ snapshot }) => judgeRead(record, snapshot, manner));
  const judged = (['ended', 'publish'] as const).find((one) => judgements.includes(one)) ?? 'same';
  const observed = reads.map((read) => subscriptionObserved({ subscriptionId, read, occasion: 'reconciliation', order: null, closes: [] }));
  return {
    ...before,
    handled: [...before.handled, subscriptionId],
    effects: [...before.effects, ...(judged === 'publish' ? [...observed, ...reads.flatMap(overtakenBy)] : []), ...operations],
    endedIds: [...before.endedIds, ...(judged === 'ended' ? [subscriptionId] : [])],
    ends: [...before.ends, ...(judged === 'ended' ? observed : [])],
    published: before.published + (judged === 'publish' ? 1 : 0),
    operations: before.operations + operations.length,
  };
}
