import {
  MarketplaceError,
  MarketplaceForbidden,
  MarketplaceThrottled,
  MarketplaceUnavailable,
  type TokenClaims,
  type UnavailableReason,
} from '@landfall/marketplace-client';

/** Something that somebody has to see to, in words. */
export interface Finding {
  readonly cause: string;
  readonly cure: string;
  /** Where all is well still, and will not be: the notice of so many days that is due. */
  readonly noticeDays?: number;
}

/** Whom an access token has to be issued to, and for whom. */
export interface Expected {
  readonly tenantId: string;
  readonly clientId: string;
  /** Application id of the marketplace. */
  readonly audience: string;
}

/** What is wrong with the token that Entra gave us (contract 2.1). A token that cannot be read shows nothing: it is meant to be opaque. */
export function tokenFindings(claims: TokenClaims | null, { tenantId, clientId, audience }: Expected): Finding[] {
  if (!claims) return [];
  const differs = (said: string | undefined, wanted: string) => said !== undefined && said.toLowerCase() !== wanted.toLowerCase();
  const findings: Finding[] = [];
  if (differs(claims.tenantId, tenantId)) {
    findings.push({
      cause: `the token is of tenant ${claims.tenantId}, not of ${tenantId}`,
      cure: 'set the tenant id of the offer’s technical configuration',
    });
  }
  if (differs(claims.applicationId, clientId)) {
    findings.push({
      cause: `the token is of application ${claims.applicationId}, not of ${clientId}`,
      cure: 'set the application id of the offer’s technical configuration, with a credential of that application',
    });
  }
  if (differs(claims.audience, audience)) {
    findings.push({
      cause: `the token is for ${claims.audience}, not for the marketplace`,
      cure: 'set MARKETPLACE_APP_ID to Microsoft’s, or leave it out',
    });
  }
  if (claims.objectId === undefined) {
    findings.push({
      cause: 'the token names no service principal (oid), and Microsoft refuses such tokens or is about to',
      cure: 'create the service principal of the application in that tenant, then restart fulfillment',
    });
  }
  return findings;
}

/**
 * Whether nothing was asked because our own side keeps the calls back for a while: Microsoft wants fewer (429), or its endpoint rests. That says nothing of the registration, and
 * what was found before holds.
 */
export const showsNothing = (error: unknown): boolean =>
  error instanceof MarketplaceThrottled || (error instanceof MarketplaceUnavailable && keptBack.has(error.reason));

const keptBack: ReadonlySet<UnavailableReason> = new Set(['busy', 'paused', 'breaker-open']);

/** Why Microsoft could not be asked, or refused the list of subscriptions. */
export function refusalFinding(error: unknown): Finding {
  if (error instanceof MarketplaceForbidden) return error.status === null ? signInFinding(error) : forbiddenFinding(error);
  if (error instanceof MarketplaceUnavailable) {
    return {
      cause: `Microsoft could not be asked: ${error.message}`,
      cure: 'nothing, where it passes; else look at the way to Microsoft and at its service health',
    };
  }
  if (error instanceof MarketplaceError) {
    return { cause: error.message, cure: 'check MARKETPLACE_API_URL, and whether a proxy answers in Microsoft’s place' };
  }
  const reason = error instanceof Error ? error.message : String(error);
  return { cause: `nothing could be asked: ${reason}`, cure: 'check the file of the credential' };
}

/** By Entra's numbers (contract 2.1): what the person who set this up has to change. */
const cures: Readonly<Record<string, string>> = {
  AADSTS7000215: 'the secret is wrong: set the value of a secret of this application, not its id',
  AADSTS7000222: 'the secret has ended: make a new one, set it, and restart fulfillment',
  AADSTS700027: 'upload the certificate to the application, or set the one that is uploaded there',
  AADSTS700023: 'the federated token is not of the issuer and subject that the application trusts: compare its federated credentials',
  AADSTS700024: 'the assertion has ended or is not valid yet: look at the clock of this machine, and at the file of the federated token',
  AADSTS700016: 'there is no such application in this tenant: set tenant and application of the offer’s technical configuration',
  AADSTS90002: 'there is no such tenant: set the tenant of the offer’s technical configuration',
  AADSTS500011:
    'the tenant does not know the marketplace’s own application: create its service principal there, or correct MARKETPLACE_APP_ID',
};

function signInFinding(error: MarketplaceForbidden): Finding {
  const code = error.microsoft?.code ?? '';
  const cause = code ? `Entra does not sign us in (${code})` : error.message;
  return { cause, cure: cures[code] ?? 'check tenant, application and credential against the application’s registration in Entra' };
}

/** The token is good, and Microsoft does not let its application in (contract 2.1, 2.2). */
const forbiddenFinding = ({ status }: MarketplaceForbidden): Finding => ({
  cause: `Entra signs us in, and Microsoft answers ${status} to the list of subscriptions: the application is that of no offer`,
  cure:
    'compare tenant and application with the technical configuration of the offer in Partner Center, publish the offer to preview once, ' +
    'and see that the application has a service principal in that tenant',
});

export const sentenceOf = ({ cause, cure }: Finding): string => `${cause}. To do: ${cure}`;
