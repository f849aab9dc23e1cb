import type { Registration } from '../../applications/application';
import type { Applications } from '../../applications/applications';
import { secretOf } from '../../applications/credentials';
import type { Installation } from '../../installation/installation';
import type { People } from '../../people/people';

/**
 * Every app registration that may request tokens: the publishers' applications, the one of the customers' sign-in, and the one of the
 * operators.
 */
export class Registrations {
  readonly signin: Registration;
  readonly operators: Registration;

  constructor(
    private readonly applications: Pick<Applications, 'get' | 'all'>,
    private readonly people: Pick<People, 'hasTenant'>,
    private readonly installation: Installation,
  ) {
    const { signinClientId, signinClientSecret, operatorsClientId, operatorsClientSecret } = installation;
    this.signin = this.fixed(signinClientId, signinClientSecret);
    this.operators = this.fixed(operatorsClientId, operatorsClientSecret);
  }

  find(clientId: string): Registration | undefined {
    const fixed = [this.operators, this.signin].find(({ id }) => id === clientId.toLowerCase());
    return this.applications.get(clientId) ?? fixed;
  }

  /** Whether there is such a tenant: a publisher's, or one of its customers'. */
  hasTenant(tenant: string): boolean {
    const id = tenant.toLowerCase();
    const isHome = id === this.installation.tenantId || this.applications.all().some(({ tenantId }) => tenantId === id);
    return isHome || this.people.hasTenant(id);
  }

  private fixed(clientId: string, secret: string): Registration {
    const id = clientId.toLowerCase();
    return {
      id,
      tenantId: this.installation.tenantId,
      principalId: id,
      secrets: [secretOf(secret)],
      certificates: [],
      federatedCredentials: [],
    };
  }
}
