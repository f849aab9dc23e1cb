import type { PurchasePage, RejectionStep } from '../purchase/purchase-page.domain';
import type { UnresolvedReason } from '../purchase/purchase';

/** What a state of the purchase page says. */
export interface Wording {
  /** The state in a word or two; it is announced to screen readers when it changes. */
  readonly label: string;
  readonly tone: 'calm' | 'good' | 'attention';
  readonly title: string;
  readonly paragraphs: readonly string[];
  /** Instead of the paragraphs where it takes longer than usual. */
  readonly slowParagraphs?: readonly string[];
  /** Instead of both where nothing comes any more by itself. */
  readonly overdueParagraphs?: readonly string[];
  /** Instead of all of them where it has failed. */
  readonly failedParagraphs?: readonly string[];
}

const reopen =
  'Open the subscription in the Azure portal or the Microsoft 365 admin center again and choose “Configure account” or “Manage account”.';

export const wordings: Record<PurchasePage['state'], Wording> = {
  opening: {
    label: 'Fetching your purchase',
    tone: 'calm',
    title: 'We are fetching your purchase from Microsoft',
    paragraphs: ['This takes a moment. The page goes on by itself.'],
    slowParagraphs: [
      'Microsoft takes longer than usual to answer. We keep trying for some minutes: you can leave this page open, it goes on by itself.',
    ],
  },
  form: {
    label: 'Waiting for your confirmation',
    tone: 'calm',
    title: 'Confirm your subscription',
    paragraphs: ['Please check what was bought and tell us whom we may contact. Your subscription starts when you activate it.'],
  },
  'setting-up': {
    label: 'Being set up',
    tone: 'calm',
    title: 'We are setting up your subscription',
    paragraphs: ['There is nothing more for you to do. The page goes on by itself.'],
    slowParagraphs: [
      'This takes longer than usual. Nothing is lost, and there is nothing more for you to do: we go on working on it also when you close this page.',
    ],
    overdueParagraphs: [
      'This should have been finished long ago, so somebody here has to look at it. Your order is kept. Please write to us, and tell us the address of this page.',
    ],
    failedParagraphs: [
      'Something went wrong, and the set-up has stopped. Your order is kept, and somebody here has to look at it.',
      `You can also try it again yourself. ${reopen} If that does not help, please write to us, and tell us the address of this page.`,
    ],
  },
  active: {
    label: 'Active',
    tone: 'good',
    title: 'Your subscription is active',
    paragraphs: ['Everything is ready. You can use it from now on.'],
  },
  suspended: {
    label: 'Suspended',
    tone: 'attention',
    title: 'Your subscription is suspended',
    paragraphs: [
      'Microsoft could not collect a payment for it. Your data is safe, and access comes back as soon as the payment is received.',
      'Check the payment method of this subscription in the Azure portal (Cost Management + Billing) or the Microsoft 365 admin center (Billing).',
    ],
  },
  cancelled: {
    label: 'Cancelled',
    tone: 'attention',
    title: 'This subscription was cancelled',
    paragraphs: [
      'It cannot be taken up again. To go on, buy the offer again in the Microsoft marketplace: that makes a new subscription.',
      'Your data is still kept for some days. Write to us soon if you need it.',
    ],
  },
  rejected: {
    label: 'Not accepted',
    tone: 'attention',
    title: 'Your order was not accepted',
    paragraphs: [],
  },
  forbidden: {
    label: 'Another account is needed',
    tone: 'attention',
    title: 'This account cannot manage the purchase',
    paragraphs: [
      'The purchase belongs to another organization or person. Sign in with the account for which it was bought, or with the one that bought it.',
    ],
  },
  unresolved: {
    label: 'Purchase not identified',
    tone: 'attention',
    title: 'We could not identify your purchase',
    paragraphs: [reopen],
  },
};

/** For a subscription that Microsoft activated by itself. */
export const billedFormTexts: Partial<Wording> = {
  title: 'Complete your subscription',
  paragraphs: [
    'Microsoft has started your subscription already. Please check what was bought and tell us whom we may contact: then we set it up.',
  ],
};

/** While an operator has to approve the order. */
export const approvalTexts: Partial<Wording> = {
  label: 'Waiting for approval',
  title: 'Your order is being reviewed',
  paragraphs: [
    'Somebody here looks at your order before it is set up. There is nothing more for you to do, and nothing is billed until then.',
    'You can close this page: when you come back from Microsoft, it tells how far your order is.',
  ],
};

/** The same for a subscription that Microsoft activated by itself. */
export const billedApprovalTexts: Partial<Wording> = {
  paragraphs: [
    'Microsoft has started your subscription already. Somebody here looks at your order before it is set up; there is nothing more for you to do.',
  ],
};

/** What a rejection means for the customer; the reason stands beside it. */
export const rejectedTexts: Record<RejectionStep, readonly string[]> = {
  cancelling: ['It is being cancelled at Microsoft, and nothing is billed for it. There is nothing for you to do.'],
  failed: [
    'It has to be cancelled at Microsoft, which has not worked yet: somebody here looks at it. Nothing is billed for a subscription that has not started.',
    'You can also cancel it yourself in the Azure portal or the Microsoft 365 admin center.',
  ],
  billed: [
    'Microsoft has started the subscription all the same and may bill it: somebody here looks at it.',
    'You can also cancel it yourself in the Azure portal or the Microsoft 365 admin center.',
  ],
  cancelled: ['It is cancelled at Microsoft. Nothing is billed for a subscription that never started.'],
};

export const unresolvedTexts: Record<UnresolvedReason, Partial<Wording>> = {
  'token-expired': {
    label: 'Link expired',
    title: 'This link has expired',
    paragraphs: ['Links from Microsoft work for one day. Your purchase itself is not affected.', reopen],
  },
  'token-rejected': {
    paragraphs: ['Microsoft does not accept the link that brought you here. Your purchase itself is not affected.', reopen],
  },
  'not-found': { paragraphs: ['Microsoft knows no purchase for the link that brought you here.', reopen] },
  'not-answered': {
    label: 'No answer in time',
    title: 'Your purchase could not be looked up',
    paragraphs: [
      'We could not find out in time what was bought, so this page has stopped waiting. Your purchase itself is not affected.',
      `Please wait a few minutes, then begin again from Microsoft. ${reopen}`,
    ],
  },
  'not-ours': { paragraphs: ['The purchase belongs to an offer that is not set up here.', reopen] },
};
