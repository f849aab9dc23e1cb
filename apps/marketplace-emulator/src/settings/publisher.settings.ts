import { z } from 'zod';
import { webAddress, type ValuesOf } from './field.kinds';

/** Where the publisher is reached, and how its customers sign in. */
export const publisherSettings = {
  /** Where a buyer is sent; `token` is appended. Null: a page of the emulator's that shows the token. */
  landingUrl: webAddress.nullable(),
  /** Where webhooks go. Null: nowhere, deliveries fail and are tried again. */
  webhookUrl: webAddress.nullable(),
  /** Redirect URIs of the sign-in application, compared exactly. Empty: any on the origin of the landing page. */
  signinRedirectUris: z.array(webAddress).max(50),
  /** Entra asks PKCE only of applications without a secret; `required` finds out a sign-in that does without. */
  signinPkce: z.enum(['optional', 'required']),
};

export const publisherDefaults: ValuesOf<typeof publisherSettings> = {
  landingUrl: null,
  webhookUrl: null,
  signinRedirectUris: [],
  signinPkce: 'optional',
};
