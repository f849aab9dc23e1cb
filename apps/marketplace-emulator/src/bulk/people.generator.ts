import type { NewPerson, People } from '../people/people';
import { defaultReseller } from '../people/person';
import type { BulkRequest } from './bulk.request';
import { customerOf, peopleOfACustomer, resellerOf, type Customer } from './customers';
import { tenantsOf, type SubscriptionTimeline } from './timeline.generator';
import type { Parties } from './timeline.states';

/** A reseller has so many customers. */
const customersPerReseller = 200;

/** At most. */
export function peopleNeeded(request: BulkRequest): number {
  const tenants = tenantsOf(request);
  return tenants * peopleOfACustomer + Math.ceil(tenants / customersPerReseller);
}

/** The customers and resellers of a bulk. They are added to the people when the first of their purchases is made. */
export class PeopleGenerator {
  private readonly customers = new Map<number, Customer>();

  constructor(
    private readonly people: Pick<People, 'get' | 'add'>,
    private readonly seed: number,
  ) {}

  partiesOf({ customer: number, person, channel, offer }: SubscriptionTimeline): Parties {
    const customer = this.customer(number);
    const buyer = customer.people[person % customer.people.length] as Customer['people'][number];
    return {
      name: `${customer.organisation} ${offer.displayName}`,
      beneficiaryId: buyer.objectId,
      purchaserId: channel === 'csp' ? this.resellerId(Math.floor(number / customersPerReseller)) : buyer.objectId,
    };
  }

  private customer(number: number): Customer {
    const known = this.customers.get(number);
    if (known) return known;
    const customer = customerOf(this.seed, number);
    this.customers.set(number, customer);
    for (const person of customer.people) this.make(person);
    return customer;
  }

  /** The first one is the built-in reseller. */
  private resellerId(number: number): string {
    return number === 0 ? defaultReseller.id : this.make(resellerOf(this.seed, number));
  }

  private make(person: NewPerson & { objectId: string }): string {
    if (!this.people.get(person.objectId)) this.people.add(person);
    return person.objectId;
  }
}
