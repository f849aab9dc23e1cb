import type { PurchasePage } from '../purchase/purchase-page.domain';
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
