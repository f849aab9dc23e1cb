import { randomUUID } from 'node:crypto';

/** An error as Entra writes it. The codes are the well-known ones; only the shape is stable (contract 2.1). */
export class EntraError extends Error {
  constructor(
    readonly error: string,
    readonly aadsts: number,
    readonly text: string,
    readonly status: 400 | 401 = 400,
  ) {
    super(`AADSTS${aadsts}: ${text}`);
  }

  body() {
    const [traceId, correlationId] = [randomUUID(), randomUUID()];
    const timestamp = new Date().toISOString().slice(0, 19).replace('T', ' ') + 'Z';
    return {
      error: this.error,
      error_description: `${this.message} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
      error_codes: [this.aadsts],
      timestamp,
      trace_id: traceId,
      correlation_id: correlationId,
      error_uri: `https://login.microsoftonline.com/error?code=${this.aadsts}`,
    };
  }
}

export const entraErrors = {
  unknownTenant: (tenant: string) => new EntraError('invalid_request', 90002, `Tenant '${tenant}' not found.`),
  onlyPost: () => new EntraError('invalid_request', 900561, 'The endpoint only accepts POST requests. Received a GET request.'),
  malformed: () => new EntraError('invalid_request', 9002313, 'Invalid request. Request is malformed or invalid.'),
  manyTenants: (tenant: string) =>
    new EntraError(
      'invalid_request',
      50194,
      `The application is not configured as a multi-tenant application: it asks for itself in its own tenant, not in '${tenant}'.`,
    ),
  missing: (parameter: string) =>
    new EntraError('invalid_request', 900144, `The request body must contain the following parameter: '${parameter}'.`),
  unsupportedGrant: (grant: string) =>
    new EntraError('unsupported_grant_type', 70003, `The app requested an unsupported grant type '${grant}'.`),
  unknownClient: (clientId: string, tenant: string) =>
    new EntraError('unauthorized_client', 700016, `Application with identifier '${clientId}' was not found in the directory '${tenant}'.`),
  noSecret: () =>
    new EntraError(
      'invalid_client',
      7000218,
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
      401,
    ),
  noProof: (grant: string) =>
    new EntraError(
      'invalid_client',
      7000216,
      `'client_assertion', 'client_secret' or 'request' is required for the '${grant}' grant type.`,
      401,
    ),
  assertionType: (type: string) =>
    new EntraError('invalid_request', 9002318, `The client assertion type '${type.slice(0, 100)}' is not supported.`),
  malformedAssertion: () => new EntraError('invalid_client', 50027, 'JWT token is invalid or malformed.', 401),
  badAssertion: (reason: string) =>
    new EntraError('invalid_client', 700027, `Client assertion failed signature validation. [Reason - ${reason}]`, 401),
  assertionIdentity: (clientId: string) =>
    new EntraError(
      'invalid_client',
      700021,
      `Client assertion application identifier doesn't match 'client_id' parameter '${clientId}'.`,
      401,
    ),
  assertionAudience: () => new EntraError('invalid_client', 700023, 'Client assertion audience claim does not match Realm issuer.', 401),
  assertionTimes: () => new EntraError('invalid_client', 700024, 'Client assertion is not within its valid time range.', 401),
  certificateNotValid: () =>
    new EntraError('invalid_client', 1000502, 'The provided certificate is not within its specified validity period.', 401),
  noFederation: (part: 'issuer' | 'subject' | 'audience', value: string) =>
    new EntraError(
      'invalid_client',
      { issuer: 700211, audience: 700212, subject: 700213 }[part],
      `No matching federated identity record found for presented assertion ${part} '${value.slice(0, 200)}'.`,
      401,
    ),
  wrongSecret: (clientId: string) =>
    new EntraError('invalid_client', 7000215, `Invalid client secret provided for app '${clientId}'.`, 401),
  expiredSecret: (clientId: string) =>
    new EntraError('invalid_client', 7000222, `The provided client secret keys for app '${clientId}' are expired.`, 401),
  notDefaultScope: (scope: string) =>
    new EntraError(
      'invalid_scope',
      1002012,
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.`,
    ),
  unknownResource: (resource: string) =>
    new EntraError('invalid_resource', 500011, `The resource principal named ${resource} was not found in the tenant.`),
  wrongRedirect: (uri: string) =>
    new EntraError(
      'invalid_request',
      50011,
      `The redirect URI '${uri}' specified in the request does not match the redirect URIs configured for the application.`,
    ),
  unsupportedResponse: () =>
    new EntraError('unsupported_response_type', 700054, "Only response_type 'code' is enabled for the application."),
  noPkce: () => new EntraError('invalid_request', 9002325, 'Proof Key for Code Exchange is required.'),
  unknownChallengeMethod: () => new EntraError('invalid_request', 501491, "The code_challenge_method must be 'S256' or 'plain'."),
  noOpenid: () => new EntraError('invalid_scope', 70011, "The scope must contain 'openid'."),
  unknownCode: () => new EntraError('invalid_grant', 70000, 'The provided value for the input parameter code is not valid or has expired.'),
  usedCode: () =>
    new EntraError('invalid_grant', 54005, 'OAuth2 Authorization code was already redeemed, please retry with a new valid code.'),
  wrongVerifier: () =>
    new EntraError('invalid_grant', 501481, 'The Code_Verifier does not match the code_challenge supplied in the authorization request.'),
  notSilent: (error: 'login_required' | 'interaction_required' | 'consent_required') =>
    new EntraError(
      error,
      ...({
        login_required: [50058, 'A silent sign-in request was sent but no user is signed in.'],
        interaction_required: [
          16000,
          'Either multiple user identities are available for the current request or selected account is not supported.',
        ],
        consent_required: [65001, 'The user or administrator has not consented to use the application.'],
      }[error] as [number, string]),
    ),
  unsupportedPrompt: (prompt: string) => new EntraError('invalid_request', 90023, `Unsupported 'prompt' value '${prompt.slice(0, 100)}'.`),
  unknownResponseMode: (mode: string) =>
    new EntraError('invalid_request', 900144, `The response_mode '${mode.slice(0, 100)}' is not supported.`),
  noRedirects: (clientId: string) =>
    new EntraError('invalid_request', 500113, `No reply address is registered for the application '${clientId}'.`),
  manyResources: () =>
    new EntraError(
      'invalid_scope',
      70011,
      'The provided value for the input parameter scope is not valid: it is for more than one resource.',
    ),
  adminConsent: (permissions: string[]) =>
    new EntraError('consent_required', 90094, `An administrator has to consent to ${permissions.join(', ').slice(0, 300)}.`),
  notConsented: () =>
    new EntraError('invalid_grant', 65001, 'The user or administrator has not consented to use the application for that scope.'),
  unknownRefreshToken: () =>
    new EntraError('invalid_grant', 70000, 'The provided value for the input parameter refresh_token is not valid.'),
  expiredRefreshToken: () => new EntraError('invalid_grant', 700082, 'The refresh token has expired due to inactivity.'),
  cancelled: () => new EntraError('access_denied', 65004, 'User declined to sign in.'),
  personElsewhere: () => new EntraError('access_denied', 50020, 'The user account does not exist in the tenant and cannot sign in there.'),
} as const;
