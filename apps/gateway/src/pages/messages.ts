/** A page that only says something. */
export interface MessagePage {
  readonly status: number;
  readonly title: string;
  readonly paragraphs: readonly string[];
  /** The one thing to do next: sign in anew for the purchase at hand, or open its page. */
  readonly action?: { readonly label: string; readonly leadsTo: 'sign-in' | 'purchase' };
}

const reopen =
  'Open your subscription in the Azure portal or the Microsoft 365 admin center and choose “Configure account” or “Manage account”.';

/** What customers are told where no purchase can be shown: what happened, and what to do. Never a code, never a stack. */
export const messagePages = {
  home: {
    status: 200,
    title: 'Set up your subscription',
    paragraphs: [
      'This is where purchases from the Microsoft commercial marketplace are set up and managed.',
      reopen,
      'Microsoft then brings you back here.',
    ],
  },
  'link-damaged': {
    status: 400,
    title: 'This link is not complete',
    paragraphs: ['The link from Microsoft was cut off or changed on its way, so we cannot tell which purchase it belongs to.', reopen],
  },
  elsewhere: {
    status: 403,
    title: 'This page belongs to another browser',
    paragraphs: ['A purchase can only be continued in the browser in which it was opened, and for one day. Nothing is lost.', reopen],
  },
  'signin-expired': {
    status: 400,
    title: 'This sign-in has run out',
    paragraphs: ['The sign-in took too long, or was finished before. Nothing is lost.', reopen],
  },
  'signin-refused': {
    status: 403,
    title: 'You are not signed in',
    paragraphs: ['The sign-in was cancelled or did not succeed. Your purchase is still here.'],
    action: { label: 'Sign in again', leadsTo: 'sign-in' },
  },
  'signin-ended': {
    status: 401,
    title: 'You are no longer signed in',
    paragraphs: ['For your safety a sign-in ends after some hours. Your purchase is still here.'],
    action: { label: 'Sign in again', leadsTo: 'sign-in' },
  },
  'form-expired': {
    status: 403,
    title: 'This form is out of date',
    paragraphs: ['You signed in again since this form was opened, so it was not sent. Open the page again to go on.'],
    action: { label: 'Go on', leadsTo: 'purchase' },
  },
  'signed-out': {
    status: 200,
    title: 'You are signed out',
    paragraphs: ['To come back: ' + reopen.charAt(0).toLowerCase() + reopen.slice(1)],
  },
  'not-found': {
    status: 404,
    title: 'There is no such page',
    paragraphs: ['The address may be mistyped.', reopen],
  },
  rejected: {
    status: 400,
    title: 'This cannot be read',
    paragraphs: ['What your browser sent cannot be read here. Go back and try again.'],
  },
  refused: {
    status: 409,
    title: 'This cannot be done',
    paragraphs: ['Nothing was changed. Open the page again to see how your purchase stands.'],
    action: { label: 'Go on', leadsTo: 'purchase' },
  },
  'not-yet': {
    status: 409,
    title: 'This cannot be done yet',
    paragraphs: ['Nothing is lost: try again in a moment.'],
    action: { label: 'Try again', leadsTo: 'purchase' },
  },
  'too-many': {
    status: 429,
    title: 'Please wait a moment',
    paragraphs: ['Nothing is lost, and your purchase is not affected.', reopen],
  },
  unavailable: {
    status: 503,
    title: 'Temporarily unavailable',
    paragraphs: ['This cannot be done right now. Nothing is lost: try again in a minute.'],
  },
  failed: {
    status: 500,
    title: 'Something went wrong here',
    paragraphs: ['It is our fault, and it has been recorded. Nothing is lost: try again in a minute.'],
  },
} as const satisfies Record<string, MessagePage>;

export type MessageName = keyof typeof messagePages;
