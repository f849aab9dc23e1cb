import { subscriptionObserved, type SubscriptionRead } from '@landfall/contracts';
import { MarketplaceError } from '@landfall/marketplace-client';
import { Overloaded, type Effect } from '@landfall/messaging';
import { Injectable, Logger } from '@nestjs/common';
import { ContactEncryption } from '../contact/contact.encryption';
import type { Work } from '../microsoft/asking';
import { MicrosoftClient } from '../microsoft/microsoft.client';
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
  /** Of what the record has alive: whoever asked decides whether they wait. */
  readonly ends: End[];
  readonly published: number;
  readonly unread: number;
  readonly operations: number;
  /** Read, but what awaits our answer could not be listed: that alone is to be asked again. */
  readonly unlistedIds: string[];
  /** Microsoft, or our own database, is away, and something was not read. */
  readonly away: Error | null;
}

/** That a subscription has ended, with the messages that tell it. */
interface End {
  readonly subscriptionId: string;
  readonly effects: Effect[];
  /** An operator has let it through, and the record has not taken it over yet: it is told once more, and nobody is asked again. */
  readonly isLetThrough: boolean;
}

/** A run of a job, and which one it is. */
interface Attempt extends Work {
  readonly attempts: number;
}

interface OwnSubject {
  readonly subscriptionId: string;
  readonly registration: string;
}

/** What customers and webhooks wait for goes before it. */
const LAST = { purpose: 'reconciliation' } as const;

/** So often is asked what Microsoft answers with an error, or not in time: one subscription alone holds up no sweep. */
const ATTEMPTS = 8;
/** So often is asked for a list of outstanding operations that it refuses. */
const REFUSED_ATTEMPTS = 3;
/** So often one sweep asks for a subscription of which Microsoft's answers leave out what counts. */
const READS_OF_ONE = 3;

/** How the sweep goes about it, and which one it is. */
type SweepManner = Manner & { readonly reconciliationId: string };

interface One {
  /** Oldest first; each says something that those before it left out, or tried to. */
  readonly reads: readonly SubscriptionRead[];
  readonly encryptedContacts: string | null;
  /** Null: they could not be listed. */
  readonly operations: Effect[] | null;
}

/** What came of asking once more for what awaits our answer. */
export interface Listings {
  /** Listed, or given up. The others are to be asked again. */
  readonly handled: string[];
  readonly effects: Effect[];
  readonly operations: number;
  /** How many were given up. */
  readonly unlisted: number;
  /** Why others are to be asked again. */
  readonly failure: Error | null;
}

/** Reads subscriptions by Get, in the order of our numbers, and says what is to be told of them. */
@Injectable()
export class SubscriptionReads {
  private readonly logger = new Logger('Reconciliation');

  constructor(
    private readonly microsoft: MicrosoftClient,
    private readonly observations: ObservationRepository,
    private readonly contacts: ContactEncryption,
  ) {}

  async of(ids: readonly string[], manner: SweepManner, work: Attempt): Promise<Reads> {
    const known = await this.observations.knownOf(ids);
    const answers = await Promise.allSettled(ids.map((id) => this.one(id, known.get(id)!, manner, work)));
    return answers.reduce((before, answer, at) => {
      const id = ids[at]!;
      return answer.status === 'fulfilled'
        ? withRead(before, id, known.get(id)!, answer.value, manner)
        : this.withError(before, id, answer.reason as Error, work);
    }, nothingRead);
  }

  /** Asks again for what awaits our answer, where that could not be listed beside the read. */
  async listingsOf(ids: readonly string[], { registration }: Pick<Manner, 'registration'>, work: Attempt): Promise<Listings> {
    const answers = await Promise.allSettled(ids.map((subscriptionId) => this.outstandingOf({ subscriptionId, registration }, work)));
    return answers.reduce((before, answer, at) => {
      const subscriptionId = ids[at]!;
      if (answer.status === 'fulfilled') return withListing(before, subscriptionId, answer.value);
      const error = answer.reason as Error;
      if (!isAway(error) && !isRefusal(error)) throw error;
      const isGivenUp = isAway(error) ? isAnswered(error) && work.attempts >= ATTEMPTS : work.attempts >= REFUSED_ATTEMPTS;
      if (!isGivenUp) return { ...before, failure: error };
      this.logger.warn(
        { subscriptionId, reason: error.message },
        'what awaits our answer could not be listed: it is asked for again when the subscription is read next',
      );
      return { ...before, handled: [...before.handled, subscriptionId], unlisted: before.unlisted + 1 };
    }, nothingListed);
  }

  /** What awaits our answer is asked for as well: its webhook may have come to nobody, during an outage of ours (contract 3.10). */
  private async one(subscriptionId: string, { record }: Known, { registration, isWhole }: Manner, work: Work): Promise<One> {
    const subject = { subscriptionId, registration };
    const { reads, contacts } = await this.readsOf(subject, record, work);
    const encryptedContacts = !record || isWhole ? await this.contacts.encrypt(contacts) : null; // whoever never came to the landing page has told us no address
    if (!reads.every(({ snapshot }) => mayBeOutstanding(snapshot))) return { reads, encryptedContacts, operations: [] };
    return { reads, encryptedContacts, operations: await this.outstandingBeside(subject, work) };
  }

  /** What an answer leaves out is not said (rule 1), and nothing else may ever tell it: it is asked for again. */
  private async readsOf(subject: OwnSubject, record: Recorded | null, work: Work) {
    const { read, contacts } = await this.microsoft.subscriptionWithContacts(subject, work, LAST);
    const reads = [read];
    const answers = () => reads.map(({ snapshot }) => snapshot);
    while (reads.length < READS_OF_ONE && isUnsaid(record, answers())) reads.push(await this.microsoft.subscription(subject, work, LAST));
    return { reads, contacts };
  }

  /** Where they can't be listed, that takes nothing from the read. */
  private async outstandingBeside(subject: OwnSubject, work: Work): Promise<Effect[] | null> {
    try {
      return await this.outstandingOf(subject, work);
    } catch (error) {
      if (!isAway(error) && !isRefusal(error)) throw error;
      this.logger.warn(
        { subscriptionId: subject.subscriptionId, reason: error.message },
        'what awaits our answer could not be listed beside a read, which is published all the same',
      );
      return null;
    }
  }

  private async outstandingOf(subject: OwnSubject, work: Work): Promise<Effect[]> {
    const { subscriptionId, registration } = subject;
    const { operations } = await this.microsoft.outstanding(subject, work, LAST);
    return operations.map(({ operationId, action, source, planId, quantity, timeStamp }) =>
      followOperation({
        ...{ subscriptionId, operationId, action },
        listed: { registration, source, planId, quantity, timeStamp, isRevert: false, receivedAt: null },
      }),
    );
  }

  /** An outage is waited for. What Microsoft does not show, or not in words that can be read, or answers with an error again and again, is left to the next sweep. */
  private withError(before: Reads, subscriptionId: string, error: Error, { attempts }: Attempt): Reads {
    if (!isAway(error) && !isRefusal(error)) throw error;
    if (isAway(error) && (attempts < ATTEMPTS || !isAnswered(error))) return { ...before, away: error };
    this.logger.warn({ subscriptionId, reason: error.message }, 'a subscription of the list could not be read: the next sweep tries again');
    return { ...before, handled: [...before.handled, subscriptionId], unread: before.unread + 1 };
  }
}

const nothingRead: Reads = {
  ...{ handled: [], effects: [], ends: [], published: 0, unread: 0, operations: 0, unlistedIds: [], away: null },
};

const nothingListed: Listings = { handled: [], effects: [], operations: 0, unlisted: 0, failure: null };

/** Microsoft, or our own database, is away. */
const isAway = (error: unknown): error is Error =>
  error instanceof MicrosoftAway || error instanceof Overloaded || error instanceof RegistrationNotRead;

/** Microsoft, or we, have said no to this one. */
const isRefusal = (error: unknown): error is Error =>
  error instanceof MarketplaceError || error instanceof SubscriptionNotShown || error instanceof OtherRegistration;

/** The call itself was answered with an error, or not in time: that may be this subscription's alone. What was never sent is nobody's. */
const isAnswered = (error: Error): boolean => error instanceof MicrosoftAway && !error.isUndone;

const withListing = (before: Listings, subscriptionId: string, operations: Effect[]): Listings => ({
  ...before,
  handled: [...before.handled, subscriptionId],
  effects: [...before.effects, ...operations],
  operations: before.operations + operations.length,
});

function withRead(
  before: Reads,
  subscriptionId: string,
  { record, isLetThrough = false }: Known,
  { reads, encryptedContacts, operations }: One,
  manner: SweepManner,
): Reads {
  const judgements = reads.map(({ snapshot }) => judgeRead(record, snapshot, manner));
  const judged = (['ended', 'publish'] as const).find((one) => judgements.includes(one)) ?? 'same';
  const said = { order: null, closes: [], encryptedContacts, reconciliationId: manner.reconciliationId };
  const told = reads.flatMap((read) => [
    subscriptionObserved({ subscriptionId, read, occasion: 'reconciliation', ...said }),
    ...overtakenBy(read),
  ]);
  return {
    ...before,
    handled: [...before.handled, subscriptionId],
    effects: [...before.effects, ...(judged === 'publish' ? told : []), ...(operations ?? [])],
    ends: [...before.ends, ...(judged === 'ended' ? [{ subscriptionId, effects: told, isLetThrough }] : [])],
    published: before.published + (judged === 'publish' ? 1 : 0),
    operations: before.operations + (operations?.length ?? 0),
    unlistedIds: [...before.unlistedIds, ...(operations ? [] : [subscriptionId])],
  };
}
