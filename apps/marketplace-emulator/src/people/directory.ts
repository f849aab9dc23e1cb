import type { Installation } from '../installation/installation';
import { belongsTo, type People } from './people';
import type { Person } from './person';

/** Everybody who can sign in: the customers' people, and the publisher's own, who operate its services. */
export class Directory {
  private readonly builtInOperators: readonly Person[];

  constructor(
    private readonly people: People,
    { tenantId, operatorsRoles }: Installation,
  ) {
    this.builtInOperators = [
      operator(tenantId, 'olga', 'Olga Operator', '6', operatorsRoles),
      operator(tenantId, 'rory', 'Rory Reader', '7', operatorsRoles.slice(0, 1)),
    ];
  }

  get(objectId: string): Person | undefined {
    return this.people.get(objectId) ?? this.builtInOperators.find(({ id }) => id === objectId.toLowerCase());
  }

  /** Whom a tenant name offers to the customers' sign-in. */
  customersOf(tenant: string): Person[] {
    return this.people.ofTenant(tenant);
  }

  /** Those of the publisher's tenant: two who are there always, and whoever was added there by control. */
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
