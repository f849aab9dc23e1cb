import type { Installation } from '../installation/installation';
import { belongsTo, type People } from './people';
import type { Person } from './person';

/** All people who can sign in: the customers' people, and the publisher's own, who operate its services. */
export class Directory {
  private readonly builtInOperators: readonly Person[];

  constructor(
    private readonly people: Pick<People, 'get' | 'ofTenant'>,
    { tenantId, operatorsRoles }: Pick<Installation, 'tenantId' | 'operatorsRoles'>,
  ) {
    this.builtInOperators = [
      operator(tenantId, 'olga', 'Olga Operator', '6', operatorsRoles),
      operator(tenantId, 'rory', 'Rory Reader', '7', operatorsRoles.slice(0, 1)),
    ];
  }

  get(objectId: string): Person | undefined {
    return this.people.get(objectId) ?? this.builtInOperators.find(({ id }) => id === objectId.toLowerCase());
  }

  /** The people that the customers' sign-in offers under a tenant name. */
  customersOf(tenant: string): Person[] {
    return this.people.ofTenant(tenant);
  }

  /** Those of the publisher's tenant: two built-in ones, and those that the control API has added there. */
  operatorsOf(tenant: string): Person[] {
    return [...this.people.ofTenant(tenant), ...this.builtInOperators.filter((person) => belongsTo(person, tenant))];
  }
}

function operator(tenantId: string, name: string, displayName: string, digit: string, roles: string[]): Person {
  const address = `${name}@contoso.example`;
  return {
    id: `a1e5c8d2-0b6f-4c57-9a41-5d3f1c00000${digit}`,
    tenantId,
    organisation: 'Contoso',
    displayName,
    userPrincipalName: address,
    mail: address,
    puid: null,
    roles,
  };
}
