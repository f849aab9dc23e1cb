import type { Registration } from '../../applications/application';
import type { Installation } from '../../installation/installation';
import type { SettingsRepository } from '../../settings/settings.repository';
import { entraErrors } from '../entra.error';
import type { Registrations } from '../client/registrations';

/** An application that signs people in. */
export interface SignInClient {
  registration: Registration;
  /** `customers`: people of every tenant and personal accounts. `operators`: people of the publisher's tenant. */
  audience: 'customers' | 'operators';
  mayReturnTo(redirectUri: string): boolean;
}

const thisMachine = new Set(['localhost', '127.0.0.1', '[::1]']);

/** The two registrations that sign people in, and where each may send them back to. */
export class SignInClients {
  private readonly customers: SignInClient;
  private readonly operators: SignInClient;

  constructor(
    private readonly registrations: Pick<Registrations, 'signin' | 'operators' | 'find'>,
    private readonly installation: Pick<Installation, 'tenantId'>,
    settings: SettingsRepository,
  ) {
    this.customers = {
      registration: registrations.signin,
      audience: 'customers',
      mayReturnTo: (uri) => {
        const { signinRedirectUris, landingUrl } = settings.current;
        return signinRedirectUris.length > 0
          ? signinRedirectUris.includes(uri)
          : landingUrl !== null && urlOf(uri)?.origin === new URL(landingUrl).origin;
      },
    };
    this.operators = {
      registration: registrations.operators,
      audience: 'operators',
      mayReturnTo: (uri) => {
        const { operatorsRedirectUris } = settings.current;
        return operatorsRedirectUris.length > 0 ? operatorsRedirectUris.includes(uri) : thisMachine.has(urlOf(uri)?.hostname ?? '');
      },
    };
  }

  /** @throws Entra's error where the application does not sign anybody in, or not at this authority. */
  get(clientId: string, tenant: string): SignInClient {
    const client = [this.customers, this.operators].find(({ registration }) => registration.id === clientId.toLowerCase());
    if (!client) throw this.registrations.find(clientId) ? entraErrors.noRedirects(clientId) : entraErrors.unknownClient(clientId, tenant);
    if (client.audience === 'operators' && tenant.toLowerCase() !== this.installation.tenantId) throw entraErrors.manyTenants(tenant);
    return client;
  }

  /** Whether any of them may send people there, as after a logout. */
  mayReturnTo(uri: string): boolean {
    return [this.customers, this.operators].some((client) => client.mayReturnTo(uri));
  }
}

function urlOf(uri: string): URL | undefined {
  return URL.canParse(uri) ? new URL(uri) : undefined;
}
