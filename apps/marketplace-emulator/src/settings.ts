import { z } from 'zod';
import type { Collection } from './state/document.store';
import { defaultRetryDelaysMs, documentedRetries } from './webhook/retry.schedule';

const hours = 3_600_000;
const webAddress = z
  .url({ protocol: /^https?$/, error: 'must be an absolute http or https address' })
  .refine((url) => !url.includes('#'), 'must not hold a # fragment (contract 5.5)');
const milliseconds = (max: number) => z.int().min(0).max(max);

/** What may be changed while the emulator runs. The defaults are what Microsoft is seen to do (contract 9.2). */
export const settingsSchema = z.strictObject({
  /** Where a buyer is sent; `token` is appended. Null: a page of the emulator's that shows the token. */
  landingUrl: webAddress.nullable(),
  /** Where webhooks go. Null: nowhere, deliveries fail and are tried again. */
  webhookUrl: webAddress.nullable(),
  /** The publisher's app registration decides which form its webhook tokens have (contract 2.3). */
  webhookTokenVersion: z.enum(['v1', 'v2']),
  /** How long the emulator waits for an answer to a webhook. Microsoft's own limit is not published. */
  webhookTimeoutMs: milliseconds(60_000).min(1),
  retryDelaysMs: z
    .array(milliseconds(8 * hours))
    .min(1)
    .max(documentedRetries),
  maxRetries: z.int().min(0).max(documentedRetries),
  /** From Activate's 200 to Subscribed (contract 3.4). */
  activationDelayMs: milliseconds(24 * hours),
  /** `fails`: the subscription becomes Unsubscribed instead, and Unsubscribe is sent. */
  activationOutcome: z.enum(['succeeds', 'fails']),
  /** What Activate answers for a subscription that is Subscribed already: unverified, old text says 400. */
  activateWhenSubscribed: z.literal([200, 400]),
  /** From the publisher's PATCH or DELETE to the start of its operation, while it reads NotStarted. */
  operationStartDelayMs: milliseconds(24 * hours),
  /** The ten seconds of contract 4.5. */
  autoAcceptMs: milliseconds(24 * hours),
  /** After which refusal the compensating webhook follows. */
  revertWebhookAfter: z.enum(['answer', 'any-refusal', 'never']),
  /** How a cancellation by the publisher of a term of a year or more ends after its first 72 hours (contract 3.9). */
  annualCancellation: z.enum(['fails', 'succeeds']),
  /** A missing, wrong or expired access token (contract 2.2). */
  authFailureStyle: z.enum(['403-string', '401-object']),
  /** Get and PATCH of an operation that does not exist: documented 404, 400 was seen. */
  unknownOperationStatus: z.literal([404, 400]),
  /** Entries on a page of the list; each page draws its own size between them. */
  listPageSizeMin: z.int().min(1).max(1_000),
  listPageSizeMax: z.int().min(1).max(1_000),
  /** Redirect URIs of the sign-in application, compared exactly. Empty: any on the origin of the landing page. */
  signinRedirectUris: z.array(webAddress).max(50),
  /** Entra asks PKCE only of applications without a secret; `required` finds out a sign-in that does without. */
  signinPkce: z.enum(['optional', 'required']),
});

export type Settings = z.infer<typeof settingsSchema>;

export const defaultSettings: Settings = {
  landingUrl: null,
  webhookUrl: null,
  webhookTokenVersion: 'v2',
  webhookTimeoutMs: 10_000,
  retryDelaysMs: [...defaultRetryDelaysMs],
  maxRetries: documentedRetries,
  activationDelayMs: 500,
  activationOutcome: 'succeeds',
  activateWhenSubscribed: 200,
  operationStartDelayMs: 200,
  autoAcceptMs: 10_000,
  revertWebhookAfter: 'answer',
  annualCancellation: 'fails',
  authFailureStyle: '403-string',
  unknownOperationStatus: 404,
  listPageSizeMin: 60,
  listPageSizeMax: 100,
  signinRedirectUris: [],
  signinPkce: 'optional',
};

export type StoredSettings = { id: 'changed' } & Partial<Settings>;

/**
 * The settings in force: the defaults, what was changed while the emulator ran, and above both what it was started with this time. `reset` forgets the changes.
 */
export class SettingsBook {
  private settings: Settings;

  constructor(
    private readonly stored: Collection<StoredSettings>,
    private readonly atStart: Partial<Settings>,
  ) {
    this.settings = this.change(atStart);
  }

  get current(): Settings {
    return this.settings;
  }

  change(changes: Partial<Settings>): Settings {
    const { id: _id, ...changed } = this.stored.put({ ...this.stored.get('changed'), ...changes, id: 'changed' });
    this.settings = { ...defaultSettings, ...changed };
    return this.settings;
  }

  reset(): void {
    this.stored.clear();
    this.change(this.atStart);
  }
}
