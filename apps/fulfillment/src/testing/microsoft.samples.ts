import type { Operation, Plan, Subscription } from '@landfall/marketplace-client';
import { operationId, subscriptionId } from './samples';

const someone = {
  tenantId: '22222222-2222-2222-2222-222222222222',
  objectId: '11111111-1111-1111-1111-111111111111',
  emailId: 'user@fabrikam.example',
};

/** As marketplace-client returns it: with what is personal. */
export const aMarketplaceSubscription = (differing: Partial<Subscription> = {}): Subscription => ({
  id: subscriptionId,
  publisherId: 'contoso',
  offerId: 'contoso-saas',
  offerIdRaw: 'contoso-saas',
  isPreview: false,
  planId: 'silver',
  quantity: 10,
  status: 'Subscribed',
  beneficiary: someone,
  purchaser: someone,
  term: { termUnit: 'P1M', startDate: '2026-02-14', endDate: '2026-03-13' },
  autoRenew: true,
  isFreeTrial: false,
  allowedCustomerOperations: ['Delete', 'Read', 'Update'],
  created: '2026-02-14T00:07:14.962Z',
  name: 'Fabrikam prod',
  ...differing,
});

export const aMarketplaceOperation = (differing: Partial<Operation> = {}): Operation => ({
  ...{ id: operationId, subscriptionId, action: 'ChangePlan', status: 'InProgress', planId: 'gold', source: 'Azure' },
  timeStamp: '2026-03-01T11:59:58.000Z',
  ...differing,
});

export const aMarketplacePlan = (differing: Partial<Plan> = {}): Plan => ({
  ...{ planId: 'silver', displayName: differing.planId ?? 'silver', description: '', isPrivate: false, hasFreeTrials: false },
  ...{ isPricePerSeat: true, isStopSell: false, minQuantity: 1, maxQuantity: null, market: 'US' },
  ...{ billingTerms: [], meteringDimensions: [], privateOfferIds: ['private-1'] },
  ...differing,
});
