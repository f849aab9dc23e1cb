import { randomUUID } from 'node:crypto';
import { limits } from '../limits';
import type { Collection } from '../state/document.store';
import { builtInPeople, consumerTenantId, type Person } from './person';

/** A person to be added; what is left out is made up. */
export interface NewPerson {
  objectId?: string;
  tenantId?: string;
  organisation?: string;
  displayName?: string;
  emailId?: string;
  puid?: string | null;
  /** False: the person has no mailbox, so that sign-in gives no address (contract 2.4). */
  mailbox?: boolean;
  /** Of an operator, in the publisher's tenant. */
  roles?: string[];
}

/** The people of all tenants that the identity service has. */
export class People {
  constructor(private readonly people: Collection<Person>) {
    people.whenLoaded(() => {
      if (people.size === 0) for (const person of builtInPeople) people.put(person);
    });
  }

  get(objectId: string): Person | undefined {
    return this.people.get(objectId.toLowerCase());
  }

  /** In the order in which they were added. */
  all(): Person[] {
    return [...this.people.values()];
  }

  /**
   * The people of one tenant name: a tenant id, `common`, `organizations` (work accounts) or `consumers` (personal accounts). Those added
   * last come first, the built-in ones come last.
   */
  ofTenant(tenant: string): Person[] {
    const people = this.all().filter((person) => belongsTo(person, tenant));
    const isBuiltIn = (person: Person) => builtInPeople.some(({ id }) => id === person.id);
    return [...people.filter((person) => !isBuiltIn(person)).reverse(), ...people.filter(isBuiltIn)];
  }

  hasTenant(tenantId: string): boolean {
    for (const person of this.people.values()) if (person.tenantId === tenantId) return true;
    return false;
  }

  /** Up to `limit` people from a position on, in the order in which they were added; `next` is null when there are no more. */
  page({ from, limit }: { from: number; limit: number }): { people: Person[]; next: number | null } {
    const next = from + limit;
    return { people: this.all().slice(from, next), next: next < this.people.size ? next : null };
  }

  get size(): number {
    return this.people.size;
  }

  isFull(): boolean {
    return this.people.size >= limits.people;
  }

  /** Adds a person; one with the same object id is replaced, since a purchase may bring more members. */
  add(wanted: NewPerson): Person {
    const id = (wanted.objectId ?? randomUUID()).toLowerCase();
    const known = this.people.get(id);
    const tenantId = (wanted.tenantId ?? known?.tenantId ?? randomUUID()).toLowerCase();
    const address = wanted.emailId ?? known?.userPrincipalName ?? `person-${id.slice(0, 8)}@${tenantId.slice(0, 8)}.example`;
    const hasMailbox = address !== '' && (wanted.mailbox ?? known?.mail !== null);
    const roles = wanted.roles ?? known?.roles;
    return this.people.put({
      id,
      tenantId,
      organisation: wanted.organisation ?? known?.organisation ?? this.organisationOf(tenantId, address),
      displayName: wanted.displayName ?? known?.displayName ?? (address.split('@')[0] as string),
      userPrincipalName: address,
      mail: hasMailbox ? address : null,
      puid: wanted.puid ?? known?.puid ?? null,
      ...(roles ? { roles } : {}),
    });
  }

  private organisationOf(tenantId: string, address: string): string {
    if (tenantId === consumerTenantId) return 'Personal account';
    const colleague = this.all().find((person) => person.tenantId === tenantId);
    return colleague?.organisation ?? address.split('@')[1] ?? tenantId;
  }
}

export function belongsTo(person: Person, tenant: string): boolean {
  switch (tenant.toLowerCase()) {
    case 'common':
      return true;
    case 'organizations':
      return person.tenantId !== consumerTenantId;
    case 'consumers':
      return person.tenantId === consumerTenantId;
    default:
      return person.tenantId === tenant.toLowerCase();
  }
}
