import type { Person } from '@landfall/contracts';

/** The tenant of all personal Microsoft accounts: its people have nothing in common (contract 0.2). */
export const CONSUMER_TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad';

export interface Owners {
  readonly beneficiary: Person;
  readonly purchaser: Person;
}

/**
 * Who may see and confirm a purchase (contract 2.4, 5.5): its beneficiary, whoever bought it, and colleagues of the beneficiary. People are
 * (tenant, object), never an e-mail address. Ids that Microsoft left empty match nobody.
 */
export function mayManage(person: Person, { beneficiary, purchaser }: Owners): boolean {
  return isSame(person, beneficiary) || isSame(person, purchaser) || areColleagues(person, beneficiary);
}

/** Whether Microsoft has left an owner out so far: somebody who matches nobody yet may be that owner (rule 1). */
export const isUnnamed = ({ beneficiary, purchaser }: Owners): boolean => beneficiary.objectId === '' || purchaser.objectId === '';

export function isSame(one: Person, other: Person): boolean {
  return sameId(one.tenantId, other.tenantId) && sameId(one.objectId, other.objectId);
}

export function areColleagues(one: Person, other: Person): boolean {
  return sameId(one.tenantId, other.tenantId) && one.tenantId.toLowerCase() !== CONSUMER_TENANT;
}

function sameId(one: string, other: string): boolean {
  return one !== '' && one.toLowerCase() === other.toLowerCase();
}
