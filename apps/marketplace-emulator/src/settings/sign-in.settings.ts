import { z } from 'zod';
import { webAddress, type ValuesOf } from './field.kinds';

/** How the publisher's customers sign in, and its operators (contract 2.4). */
export const signInSettings = {
  /** Redirect URIs of the customers' sign-in, compared exactly. Empty: any on the origin of the landing page. */
  signinRedirectUris: z.array(webAddress).max(50),
  /** The same of the operators' sign-in. Empty: any on this machine (localhost, 127.0.0.1, [::1]). */
  operatorsRedirectUris: z.array(webAddress).max(50),
  /** Entra requires PKCE only from applications without a secret; with `required`, a sign-in without it fails. */
  signinPkce: z.enum(['optional', 'required']),
  /** What `prompt=none` is answered: the emulator keeps no session, so there is never a silent sign-in. */
  silentSignin: z.enum(['login_required', 'interaction_required', 'consent_required']),
  /**
   * Permissions beyond User.Read at the sign-in (policy 1000.3): shown on the page, or refused as where an administrator has to agree to
   * them.
   */
  furtherPermissions: z.enum(['noted', 'refused']),
};

export const signInDefaults: ValuesOf<typeof signInSettings> = {
  signinRedirectUris: [],
  operatorsRedirectUris: [],
  signinPkce: 'optional',
  silentSignin: 'login_required',
  furtherPermissions: 'noted',
};
