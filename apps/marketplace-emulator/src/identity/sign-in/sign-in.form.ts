import { isGuid } from '../../guid';
import type { NewPerson, People } from '../../people/people';
import { consumerTenantId } from '../../people/person';

/** The authority at which somebody signs in decides which kinds of accounts there are to add. */
export function kindsAt(tenant: string): { work: boolean; personal: boolean } {
  const name = tenant.toLowerCase();
  const isConsumers = name === 'consumers' || name === consumerTenantId;
  return { work: !isConsumers, personal: isConsumers || name === 'common' };
}

/** Reads the form "Somebody else" of the sign-in page: a person, or what is wrong with the entries. */
export function readNewPerson(
  form: URLSearchParams,
  tenant: string,
  people: Pick<People, 'ofTenant' | 'isFull'>,
): NewPerson | { problem: string } {
  const text = (name: string) => form.get(name)?.trim() ?? '';
  const [emailId, tenantId] = [text('emailId'), text('tenantId')];
  if (!/^[^\s@]+@[^\s@]+$/.test(emailId) || emailId.length > 320) return { problem: 'Enter an address like name@example.com.' };
  if (tenantId && !isGuid(tenantId))
    return { problem: 'A tenant is named by its id, a GUID; leave it empty for a tenant that fits the address.' };
  if (people.isFull()) return { problem: 'No more people can be added; choose one of those above.' };
  const kinds = kindsAt(tenant);
  const isPersonal = kinds.personal && (form.get('kind') === 'personal' || !kinds.work);
  return {
    emailId,
    displayName: text('displayName').slice(0, 200) || undefined,
    organisation: isPersonal ? undefined : text('organisation').slice(0, 200) || undefined,
    mailbox: !form.has('noMailbox'),
    tenantId: isPersonal ? consumerTenantId : tenantOf(tenant, tenantId, emailId, people),
  };
}

/** The tenant of the authority, or the one that was entered; else the one of colleagues with the same domain. Undefined: a new one. */
function tenantOf(authority: string, entered: string, emailId: string, people: Pick<People, 'ofTenant' | 'isFull'>): string | undefined {
  if (isGuid(authority)) return authority;
  if (entered) return entered;
  const domain = emailId.slice(emailId.lastIndexOf('@')).toLowerCase();
  return people.ofTenant('organizations').find((person) => person.userPrincipalName.toLowerCase().endsWith(domain))?.tenantId;
}
