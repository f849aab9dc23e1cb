import { IssuerKeys } from '@landfall/service-defaults';
import { Injectable } from '@nestjs/common';
import { config } from '../gateway.config';
import { Registrations, type KnownRegistration } from '../registrations';
import { tenantNamedIn, verifyWebhookToken, type Expected, type KeysByVersion, type TokenVerification } from './webhook.token';

/** Who may call the webhook of one registration, and the keys that prove it. */
interface Caller {
  readonly expected: Expected;
  readonly keys: KeysByVersion;
}

/**
 * Who may call the webhook: Microsoft's application, with a token of the registration's own tenant for its own application (contract 2.3). Each
 * registration has keys of its own, read within bounds of its own: what uses those of one up keeps nothing from another.
 */
@Injectable()
export class WebhookVerifier {
  private readonly callers: ReadonlyMap<string, Caller>;

  constructor(registrations: Registrations) {
    this.callers = new Map(registrations.all().map((registration) => [registration.name, callerFor(registration)]));
  }

  /** For a webhook at the address of a registration that is set up here. */
  async verify({ name }: KnownRegistration, header: string | undefined): Promise<TokenVerification> {
    const caller = this.callers.get(name);
    if (!caller) throw new Error(`registration ${name} is not set up here`);
    return verifyWebhookToken(header, caller.expected, caller.keys);
  }

  /**
   * For a webhook at an address that is nobody's: whether Microsoft sent it to any of our registrations. Only those of the tenant that the token
   * names are asked.
   */
  async verifyForAny(header: string | undefined): Promise<TokenVerification> {
    const named = tenantNamedIn(header);
    if ('fault' in named) return { kind: 'rejected', reason: named.fault };
    const callers = [...this.callers.values()].filter(({ expected }) => expected.tenantId === named.tenantId);
    const verifications = await Promise.all(callers.map(({ expected, keys }) => verifyWebhookToken(header, expected, keys)));
    const proven = verifications.find(({ kind }) => kind !== 'rejected' && kind !== 'undecidable');
    return proven ?? verifications.find(({ kind }) => kind === 'undecidable') ?? verifications[0] ?? { kind: 'rejected', reason: 'tenant' };
  }
}

function callerFor({ tenantId, audience }: KnownRegistration): Caller {
  const { ENTRA_AUTHORITY_URL, MARKETPLACE_APP_ID } = config.values;
  const tenantUrl = `${ENTRA_AUTHORITY_URL}/${tenantId}`;
  return {
    expected: { tenantId, callerId: MARKETPLACE_APP_ID, audience },
    keys: { '1.0': new IssuerKeys(tenantUrl), '2.0': new IssuerKeys(`${tenantUrl}/v2.0`) },
  };
}
