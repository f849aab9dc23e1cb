import type { Person, Snapshot } from '@landfall/contracts';

/** People and ids of the specs; none of them means anybody. */
export const aPerson = (changes: Partial<Person> = {}): Person => ({
  tenantId: '1c0f0a9e-6f5d-4d0e-9a3b-3a1d6f1b7c01',
  objectId: '2d1f1b8e-7e6c-4c1f-8b4a-4b2e7f2c8d02',
  ...changes,
});

/** A per-seat subscription of ten silver seats, as Microsoft shows one that is active. */
export const aSnapshot = (changes: Partial<Snapshot> = {}): Snapshot => ({
  subscriptionId: '3e2f2c7d-8d7b-4b2e-9c5b-5c3f8e3d9e03',
  publisherId: 'contoso',
  offerId: 'contoso-crm',
  isPreview: false,
  planId: 'silver',
  quantity: 10,
  status: 'Subscribed',
  term: { termUnit: 'P1M', startDate: '2026-01-01', endDate: '2026-01-31', chargeDuration: null },
  autoRenew: true,
  isFreeTrial: false,
  allowedCustomerOperations: ['Read', 'Update', 'Delete'],
  privateOfferId: null,
  purchasedAt: '2026-01-01T08:00:00.000Z',
  beneficiary: aPerson(),
  purchaser: aPerson(),
  ...changes,
});
