import { isPending, type Member, type Person, type ShownSnapshot, type Status, type Term } from '@landfall/contracts';
import type { MemberState } from './member.state';
import type { Subscription } from './subscription';

/** How a member is read from the record and from Microsoft's answers. */
interface MemberDefinition<Value> {
  of(subscription: Subscription): Value;
  /** Undefined where the answer does not say it (rule 1). */
  shownIn(snapshot: ShownSnapshot, subscription: Subscription): Value | undefined;
  patch(value: Value): Partial<Subscription>;
  isSame(one: Value, other: Value): boolean;
}

const isIdentical = (one: unknown, other: unknown): boolean => one === other;

const define = <Value>(definition: Omit<MemberDefinition<Value>, 'isSame'> & Partial<MemberDefinition<Value>>) =>
  ({ isSame: isIdentical, ...definition }) as MemberDefinition<unknown>;

/** A member that is one field of the record, and named as there. */
const field = <Name extends keyof Subscription & keyof ShownSnapshot>(
  name: Name,
  isSame: (one: Subscription[Name], other: Subscription[Name]) => boolean = isIdentical,
) =>
  define<Subscription[Name]>({
    of: (subscription) => subscription[name],
    shownIn: (snapshot) => (snapshot[name] ?? undefined) as Subscription[Name] | undefined,
    patch: (value) => ({ [name]: value }) as Partial<Subscription>,
    isSame,
  });

interface Offer {
  readonly publisherId: string;
  readonly offerId: string;
  readonly isPreview: boolean;
}

const isSamePerson = (one: Person, other: Person): boolean => one.tenantId === other.tenantId && one.objectId === other.objectId;
/** Microsoft lists them in any order (contract 3.2). */
const isSameSet = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((word) => other.includes(word));
const isSameInstant = (one: string | null, other: string | null): boolean =>
  one === other || (one !== null && other !== null && Date.parse(one) === Date.parse(other));
const isSameTerm = (one: Term | null, other: Term | null): boolean =>
  one?.termUnit === other?.termUnit &&
  one?.startDate === other?.startDate &&
  one?.endDate === other?.endDate &&
  one?.chargeDuration === other?.chargeDuration;

export const members: Readonly<Record<Member, MemberDefinition<unknown>>> = {
  status: define<Status>({
    of: ({ status }) => status,
    shownIn: ({ status }) => status,
    patch: (status) => ({ status }),
    isSame: (one, other) => one === other || (isPending(one) && isPending(other)), // NotStarted counts as pending (contract 5.1)
  }),
  plan: define<string>({
    of: ({ planId }) => planId,
    shownIn: ({ planId }) => planId || undefined,
    patch: (planId) => ({ planId }),
  }),
  quantity: field('quantity'),
  term: define<Term | null>({
    of: ({ term }) => term,
    shownIn: ({ term }, subscription) => term && mergedTerm(term, subscription.term),
    patch: (term) => ({ term }),
    isSame: isSameTerm,
  }),
  autoRenew: field('autoRenew'),
  isFreeTrial: define<boolean>({
    of: ({ isFreeTrial }) => isFreeTrial,
    shownIn: ({ isFreeTrial, term }, subscription) => isFreeTrial ?? (isTrialOver(term, subscription) ? false : undefined),
    patch: (isFreeTrial) => ({ isFreeTrial }),
  }),
  allowedCustomerOperations: field('allowedCustomerOperations', isSameSet),
  beneficiary: field('beneficiary', isSamePerson),
  purchaser: field('purchaser', isSamePerson),
  offer: define<Offer>({
    of: ({ publisherId, offerId, isPreview }) => ({ publisherId, offerId, isPreview }),
    shownIn: (snapshot, subscription) => mergedOffer(snapshot, subscription),
    patch: (offer) => offer,
    isSame: (one, other) => one.publisherId === other.publisherId && one.offerId === other.offerId && one.isPreview === other.isPreview,
  }),
  privateOfferId: field('privateOfferId'),
  purchasedAt: field('purchasedAt', isSameInstant),
};

/** What is not said of a term stays as it was; but the end of one that began is not the end of the next. */
function mergedTerm(shown: Partial<Term>, known: Term | null): Term | undefined {
  const { termUnit, startDate, endDate, chargeDuration } = shown;
  if (!termUnit && !startDate && !endDate && !chargeDuration) return undefined;
  const isNext = !!startDate && startDate !== known?.startDate;
  return {
    termUnit: termUnit ?? known?.termUnit ?? '',
    startDate: startDate ?? known?.startDate ?? null,
    endDate: endDate ?? (isNext ? null : (known?.endDate ?? null)),
    chargeDuration: chargeDuration ?? known?.chargeDuration ?? null,
  };
}

/** `isPreview` is said by the offer's id alone. */
function mergedOffer({ publisherId, offerId, isPreview }: ShownSnapshot, known: Subscription): Offer | undefined {
  if (!publisherId && !offerId) return undefined;
  return {
    publisherId: publisherId || known.publisherId,
    offerId: offerId || known.offerId,
    isPreview: offerId ? (isPreview ?? known.isPreview) : known.isPreview,
  };
}

/**
 * A free trial is one term, and what follows it is paid (contract 1.5). No answer needs to say so: where one shows a later term and does not say isFreeTrial,
 * it is over. An answer about the same term that does not name it says nothing (rule 1).
 */
const isTrialOver = (shown: Partial<Term> | undefined, { isFreeTrial, term }: Subscription): boolean =>
  isFreeTrial && isRenewal(term, shown);

/** A later start of the term is a renewal (rule 4). */
export const isRenewal = (from: Term | null, to: Partial<Term> | null | undefined): boolean =>
  !!from?.startDate && !!to?.startDate && to.startDate > from.startDate;

/** A member without a state of its own has never changed: the first read of the subscription set it (rule 2). */
export function stateOf({ members: known, firstReadNo, firstReadDate }: Subscription, member: Member): MemberState {
  return known[member] ?? { setBy: null, timeStamp: null, date: firstReadDate, change: 0, openFrom: firstReadNo, echo: null, earlier: [] };
}

export const isOpenTo = ({ openFrom }: MemberState, readNo: number): boolean => openFrom !== null && readNo >= openFrom;
