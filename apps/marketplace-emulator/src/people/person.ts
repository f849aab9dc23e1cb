import type { Document } from '../state/document.store';

/** The tenant of all personal Microsoft accounts (contract 0.2). */
export const consumerTenantId = '9188040d-6c67-4c5b-b112-36a304b66dad';

/** A person who can sign in and buy. A person is known by (tenantId, objectId), never by an address (contract 2.4). */
export interface Person extends Document {
  /** The object id in the person's own tenant. */
  id: string;
  tenantId: string;
  organisation: string;
  displayName: string;
  userPrincipalName: string;
  /** Null: this person has no mailbox, so sign-in gives no `email` claim. */
  mail: string | null;
  puid: string | null;
  /** Of a person of the publisher's tenant: what the operators' registration allows. */
  roles?: string[];
}

/**
 * The people that exist from the start: colleagues of one tenant, another tenant, a reseller, a personal account, and one without a
 * mailbox.
 */
export const builtInPeople: readonly Person[] = [
  {
    id: 'a1e5c8d2-0b6f-4c57-9a41-5d3f1c000001',
    tenantId: 'f4b21a00-7c3e-4d59-8e11-0c5a9f000001',
    organisation: 'Fabrikam',
    displayName: 'Ada Fabrikam',
    userPrincipalName: 'ada@fabrikam.example',
    mail: 'ada@fabrikam.example',
    puid: '1003200000000001',
  },
  {
    id: 'a1e5c8d2-0b6f-4c57-9a41-5d3f1c000002',
    tenantId: 'f4b21a00-7c3e-4d59-8e11-0c5a9f000001',
    organisation: 'Fabrikam',
    displayName: 'Bruno Fabrikam',
    userPrincipalName: 'bruno@fabrikam.example',
    mail: 'bruno@fabrikam.example',
    puid: '1003200000000002',
  },
  {
    id: 'a1e5c8d2-0b6f-4c57-9a41-5d3f1c000003',
    tenantId: 'f4b21a00-7c3e-4d59-8e11-0c5a9f000002',
    organisation: 'Northwind',
    displayName: 'Chen Northwind',
    userPrincipalName: 'chen@northwind.example',
    mail: null,
    puid: '1003200000000003',
  },
  {
    id: '00000000-0000-0000-5d3f-1c0000000004',
    tenantId: consumerTenantId,
    organisation: 'Personal account',
    displayName: 'Dora Doe',
    userPrincipalName: 'dora.doe@outlook.example',
    mail: 'dora.doe@outlook.example',
    puid: '0003200000000004',
  },
  {
    id: 'a1e5c8d2-0b6f-4c57-9a41-5d3f1c000005',
    tenantId: 'f4b21a00-7c3e-4d59-8e11-0c5a9f000003',
    organisation: 'Wingtip Resellers',
    displayName: 'Rita Reseller',
    userPrincipalName: 'rita@wingtip.example',
    mail: 'rita@wingtip.example',
    puid: null,
  },
];

export const defaultBuyer = builtInPeople[0] as Person;
export const defaultReseller = builtInPeople[4] as Person;
