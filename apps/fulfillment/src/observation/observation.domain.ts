import {
  subscriptionObserved,
  type DataOf,
  type Member,
  type MessageOf,
  type readSubscription,
  type ShownSnapshot,
  type SubscriptionRead,
} from '@landfall/contracts';
import { changed, type Outcome } from '@landfall/messaging';
import { backoffMs, type Backoff } from '../backoff';
import { orderedRead } from './observation.job';

/** So long after it is due a read is repeated whose answers leave out what was wanted; then what there is must do (rule 10). */
export const READ_LIMIT_MS = 600_000;
/**
 * So long after it is due a read that closes nothing goes on while Microsoft answers that there is no such subscription: an import, the plan of
 * the last bill. Then it is given up (rule 10): nothing is shut that only its answer could open.
 */
export const UNSHOWN_LIMIT_MS = 86_400_000;
/** A customer may be waiting for a name that was left out. */
const BACKOFF: Backoff = { firstMs: 1_000, limitMs: 15_000 };
/** Where Microsoft refuses a read, only a person may be able to help: it is asked less often then. */
const REFUSED_BACKOFF: Backoff = { firstMs: 1_000, limitMs: 600_000 };

/** The subscription service wants a subscription read, later: it decides when and why, and what the answer means (rule 2). */
export const orderRead = (_state: undefined, { data }: MessageOf<typeof readSubscription>): Outcome<undefined> =>
  changed(undefined, orderedRead(data, { afterMs: data.afterMs }));

type Order = DataOf<typeof readSubscription>;

/** Whether a snapshot has a member. A term that does not say when it began tells nothing of a renewal. */
const has: Readonly<Record<Member, (snapshot: ShownSnapshot) => boolean>> = {
  status: ({ status }) => status !== undefined,
  plan: ({ planId }) => planId !== undefined,
  quantity: ({ quantity }) => quantity !== undefined,
  term: ({ term }) => Boolean(term?.startDate),
  autoRenew: ({ autoRenew }) => autoRenew !== undefined,
  isFreeTrial: ({ isFreeTrial }) => isFreeTrial !== undefined,
  allowedCustomerOperations: ({ allowedCustomerOperations }) => allowedCustomerOperations !== undefined,
  beneficiary: ({ beneficiary }) => beneficiary !== undefined,
  purchaser: ({ purchaser }) => purchaser !== undefined,
  offer: ({ offerId }) => offerId !== undefined,
  privateOfferId: ({ privateOfferId }) => privateOfferId !== undefined,
  purchasedAt: ({ purchasedAt }) => purchasedAt !== undefined,
};

/** The wanted members that an answer left out. */
export const missingOf = ({ members }: Pick<Order, 'members'>, { snapshot }: SubscriptionRead): Member[] =>
  members.filter((member) => !has[member](snapshot));

/** Whether an ordered read has been repeated for long enough. `ageMs` is since it was ordered. */
export const isTooLate = ({ afterMs }: Pick<Order, 'afterMs'>, ageMs: number): boolean => ageMs >= afterMs + READ_LIMIT_MS;

/** Whether a read that is answered with no such subscription has been repeated for long enough. One that closes something never has (rule 2). */
export const isGivenUp = ({ afterMs, closes }: Pick<Order, 'afterMs' | 'closes'>, ageMs: number): boolean =>
  closes.length === 0 && ageMs >= afterMs + UNSHOWN_LIMIT_MS;

/** Until a read is repeated whose answer left something out, after so many attempts. */
export const untilReadAgainMs = (attempts: number): number => backoffMs(attempts, BACKOFF);

/** Until a read is repeated that Microsoft refused, or answered with nothing usable, after so many attempts. */
export const untilAskedAgainMs = (attempts: number): number => backoffMs(attempts, REFUSED_BACKOFF);

/** What was read as it was ordered. */
export const readAsOrdered = (
  { subscriptionId, order, closes }: Pick<Order, 'subscriptionId' | 'order' | 'closes'>,
  read: SubscriptionRead,
  encryptedContacts: string | null = null,
) =>
  subscriptionObserved({
    subscriptionId,
    read,
    occasion: 'order',
    order,
    closes,
    ...(encryptedContacts !== null && { encryptedContacts }),
  });

/** The order that imports a subscription of which something came to an end before anybody knew it: that is told again after the read (rule 6). */
export const isImport = ({ order }: Pick<Order, 'order'>): boolean => order === 1;

/**
 * The first order imports a subscription, and the second one is what follows the import of one that was first shown in another way. Whom Microsoft names is
 * handed on with these: a customer who never came to the landing page has told us no address.
 */
export const isFirst = ({ order }: Pick<Order, 'order'>): boolean => order <= 2;
