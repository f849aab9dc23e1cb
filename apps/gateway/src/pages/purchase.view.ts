import { findOffer, findPlan, type Catalog, type PlanOnOffer } from '@landfall/contracts';
import type { SubscriptionProjection } from '../projection/projection';
import type { ConfirmationForm, FormErrors } from '../purchase/confirmation.form';
import { areColleagues, isSame } from '../purchase/person.domain';
import type { PurchasePage, RejectionStep, SetupStep } from '../purchase/purchase-page.domain';
import type { SignedIn } from '../signin/signin.provider';
import type { UsageCount } from '../usage/usage';
import { priceOf } from './price';
import {
  approvalTexts,
  billedApprovalTexts,
  billedFormTexts,
  rejectedTexts,
  unresolvedTexts,
  wordings,
  type Wording,
} from './purchase.wordings';
import { usageView, type UsageView } from './usage.view';

export interface ViewStep {
  readonly label: string;
  readonly progress: 'done' | 'current' | 'ahead';
}

/** All that the purchase template shows; it decides nothing itself. */
export interface PurchaseView {
  readonly state: PurchasePage['state'];
  readonly wording: Wording;
  /** The way from Microsoft to the product; empty where there is none to go. */
  readonly steps: readonly ViewStep[];
  /** What is being done while the customer waits. */
  readonly setup: readonly ViewStep[];
  readonly details: readonly {
    readonly name: 'offer' | 'plan' | 'seats' | 'price' | 'buyer';
    readonly label: string;
    readonly value: string;
  }[];
  readonly planDescription: string;
  /** Null where nothing was counted. */
  readonly usage: UsageView | null;
  /** Why the purchase was rejected; null where it was not. */
  readonly rejectionReason: string | null;
  /** How often the page looks for news; null where none is to be expected. */
  readonly refreshMs: number | null;
  readonly purchaseId: string;
  readonly form: FormView | null;
  /** Microsoft activated the subscription by itself: it is billed already, and only the set-up is missing. */
  readonly isBilled: boolean;
}

export interface FormView {
  readonly proof: string;
  readonly values: ConfirmationForm;
  readonly errors: FormErrors;
}

/** How often a page looks for news while the customer waits. */
const refreshMs = { none: 1_500, slow: 10_000, overdue: 300_000, failed: 60_000 } as const;
const rejectionRefreshMs: Record<RejectionStep, number | null> = { cancelling: 10_000, failed: 60_000, billed: 60_000, cancelled: null };

interface Shown {
  readonly page: PurchasePage;
  readonly purchaseId: string;
  readonly plans: readonly PlanOnOffer[];
  readonly person: SignedIn;
  readonly form: FormView;
  readonly catalog: Catalog;
  readonly usage: readonly UsageCount[];
}

export function purchaseView({ page, purchaseId, plans, person, form, catalog, usage }: Shown): PurchaseView {
  const subscription = 'subscription' in page ? page.subscription : undefined;
  const plan = plans.find(({ planId }) => planId === subscription?.planId);
  return {
    state: page.state,
    wording: wordingOf(page),
    steps: stepsOf(page.state),
    setup: page.state === 'setting-up' ? setupOf(page.step) : [],
    details: subscription ? detailsOf(subscription, plan, person, catalog) : [],
    usage: usageView(usage),
    planDescription: page.state === 'form' ? (plan?.description ?? '') : '',
    rejectionReason: page.state === 'rejected' ? page.subscription.rejectionReason : null,
    refreshMs: refreshOf(page),
    purchaseId,
    form: page.state === 'form' ? form : null,
    isBilled: subscription?.status === 'Subscribed',
  };
}

function refreshOf(page: PurchasePage): number | null {
  if (page.state === 'rejected') return rejectionRefreshMs[page.rejection];
  return 'delay' in page ? refreshMs[page.delay] : null;
}

function wordingOf(page: PurchasePage): Wording {
  if (page.state === 'unresolved') return { ...wordings.unresolved, ...unresolvedTexts[page.reason] };
  if (page.state === 'form' && page.subscription.status === 'Subscribed') return { ...wordings.form, ...billedFormTexts };
  if (page.state === 'rejected') return { ...wordings.rejected, paragraphs: rejectedTexts[page.rejection] };
  if (page.state === 'setting-up' && page.step === 'approval')
    return { ...wordings['setting-up'], ...approvalTexts, ...(page.subscription.status === 'Subscribed' && billedApprovalTexts) };
  const wording: Wording = wordings[page.state];
  const { slowParagraphs = wording.paragraphs, overdueParagraphs = slowParagraphs, failedParagraphs = overdueParagraphs } = wording;
  const byDelay = { none: wording.paragraphs, slow: slowParagraphs, overdue: overdueParagraphs, failed: failedParagraphs };
  const paragraphs = byDelay['delay' in page ? page.delay : 'none'];
  return { ...wording, paragraphs };
}

const wayPoints = ['Sign in', 'Confirm', 'Set up', 'Ready'];
const position: Partial<Record<PurchasePage['state'], number>> = { opening: 1, form: 1, 'setting-up': 2, active: 4 };

function stepsOf(state: PurchasePage['state']): ViewStep[] {
  const current = position[state];
  return current === undefined ? [] : progressing(wayPoints, current);
}

const setupLabels: Record<SetupStep, string> = {
  confirmed: 'Your order is confirmed',
  approval: 'Your order is being reviewed',
  tenant: 'Your account is being prepared',
  activating: 'Microsoft starts your subscription',
};

/** The review is shown only where there is one. */
function setupOf(step: SetupStep): ViewStep[] {
  const order: SetupStep[] =
    step === 'approval' ? ['confirmed', 'approval', 'tenant', 'activating'] : ['confirmed', 'tenant', 'activating'];
  const current = step === 'confirmed' ? 1 : order.indexOf(step);
  return progressing(
    order.map((each) => setupLabels[each]),
    current,
  );
}

function progressing(labels: readonly string[], current: number): ViewStep[] {
  return labels.map((label, index) => ({ label, progress: index < current ? 'done' : index === current ? 'current' : 'ahead' }));
}

function detailsOf(
  subscription: SubscriptionProjection,
  plan: PlanOnOffer | undefined,
  person: SignedIn,
  catalog: Catalog,
): PurchaseView['details'] {
  const { quantity } = subscription;
  const price = plan && priceOf(plan, subscription.termUnit, quantity);
  return [
    { name: 'offer', label: 'Offer', value: offerName(catalog, subscription) },
    { name: 'plan', label: 'Plan', value: planName(catalog, subscription, plan) },
    ...(quantity === null ? [] : [{ name: 'seats', label: 'Seats', value: String(quantity) } as const]),
    ...(price ? [{ name: 'price', label: 'Price', value: price } as const] : []),
    { name: 'buyer', label: 'Bought by', value: buyerOf(subscription, person) },
  ];
}

/** Microsoft tells nobody the name of an offer: without the catalog there is only its id. */
function offerName(catalog: Catalog, subscription: SubscriptionProjection): string {
  return findOffer(catalog, subscription)?.displayName ?? subscription.offerId;
}

/** The catalog's name counts before Microsoft's, so that a company can call a plan as its product does. */
function planName(catalog: Catalog, subscription: SubscriptionProjection, plan: PlanOnOffer | undefined): string {
  return findPlan(catalog, subscription)?.plan.displayName ?? (plan?.displayName || subscription.planId);
}

/** Names of other people are not known here, and would be none of the visitor's business. */
function buyerOf({ beneficiary, purchaser }: SubscriptionProjection, person: SignedIn): string {
  if (isSame(person, purchaser)) return person.name ? `${person.name} (you)` : 'You';
  if (areColleagues(purchaser, beneficiary)) return 'Somebody in your organization';
  return isSame(purchaser, beneficiary) ? 'The owner of the subscription' : 'A partner, on your behalf';
}
