import type { Registration } from '../../applications/application';
import { findSecret } from '../../applications/credentials';
import type { Clock } from '../../time/clock';
import { assertionType, type ClientAssertions } from './client.assertions';
import { entraErrors } from '../entra.error';
import type { Registrations } from './registrations';

/**
 * Finds the registration that calls the token endpoint and authenticates it: by an assertion, or by a secret in the body or in HTTP Basic.
 */
export class ClientAuthentication {
  constructor(
    private readonly registrations: Pick<Registrations, 'find'>,
    private readonly assertions: ClientAssertions,
    private readonly clock: Pick<Clock, 'realNow'>,
  ) {}

  /** @throws Entra's error where there is no such application, or no valid credential. */
  async authenticate(form: URLSearchParams, authorization: string | undefined, tenant: string): Promise<Registration> {
    const basic = basicCredentials(authorization);
    const client = this.clientOf(form, basic?.clientId, tenant);
    await this.checkCredential(form, basic?.clientSecret, client, tenant);
    return client;
  }

  /** The same for an application that requests a token for itself: it must exist in this very tenant. */
  async authenticateAtHome(form: URLSearchParams, authorization: string | undefined, tenant: string): Promise<Registration> {
    const basic = basicCredentials(authorization);
    const client = this.clientOf(form, basic?.clientId, tenant);
    if (client.tenantId !== tenant.toLowerCase()) throw entraErrors.unknownClient(client.id, tenant);
    await this.checkCredential(form, basic?.clientSecret, client, tenant);
    return client;
  }

  private clientOf(form: URLSearchParams, basicId: string | undefined, tenant: string): Registration {
    const clientId = form.get('client_id') ?? basicId;
    if (!clientId) throw entraErrors.missing('client_id');
    const client = this.registrations.find(clientId);
    if (!client) throw entraErrors.unknownClient(clientId, tenant);
    return client;
  }

  private async checkCredential(
    form: URLSearchParams,
    basicSecret: string | undefined,
    client: Registration,
    tenant: string,
  ): Promise<void> {
    const assertion = form.get('client_assertion');
    if (!assertion) return this.checkSecret(client, form.get('client_secret') ?? basicSecret, form.get('grant_type'));
    const type = form.get('client_assertion_type');
    if (!type) throw entraErrors.missing('client_assertion_type');
    if (type !== assertionType) throw entraErrors.assertionType(type);
    await this.assertions.check(assertion, client, tenant);
  }

  private checkSecret({ id, secrets }: Registration, text: string | undefined, grant: string | null): void {
    if (!text) throw grant === 'client_credentials' ? entraErrors.noProof(grant) : entraErrors.noSecret();
    const secret = findSecret(secrets, text);
    if (!secret) throw entraErrors.wrongSecret(id);
    if (secret.expiresAt !== null && Date.parse(secret.expiresAt) <= this.clock.realNow()) throw entraErrors.expiredSecret(id);
  }
}

function basicCredentials(authorization: string | undefined): { clientId: string; clientSecret: string } | undefined {
  const encoded = /^Basic\s+([A-Za-z0-9+/=]+)$/i.exec(authorization ?? '')?.[1];
  if (!encoded) return undefined;
  const [clientId = '', ...secret] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return { clientId: formDecode(clientId), clientSecret: formDecode(secret.join(':')) };
}

/** Both halves are form-encoded before they are joined (RFC 6749, 2.3.1). What is not decodable stays as it is, and matches nothing. */
function formDecode(text: string): string {
  return new URLSearchParams(`value=${text.replaceAll('&', '%26')}`).get('value') ?? text;
}
