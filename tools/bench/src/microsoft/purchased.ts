import { subscriptionId, type Planned } from './operation.id';

export const plans = ['silver', 'gold', 'platinum'] as const;
export const offer = { publisherId: 'fabrikam', offerId: 'bench' };
export const application = {
  appId: '20e940b3-4c77-4b0b-9a53-9e16a1b010a7',
  tenantId: '11111111-2222-4333-8444-555555555555',
  clientId: '66666666-7777-4888-8999-aaaaaaaaaaaa',
  clientSecret: 'a-secret-of-the-bench',
};

export interface Held {
  readonly plan: number;
  readonly quantity: number;
  readonly status: 'Subscribed' | 'Suspended';
}

/** How every subscription is sold. */
export const sold: Held = { plan: 0, quantity: 10, status: 'Subscribed' };

const person = {
  emailId: 'ada@fabrikam.example',
  objectId: '0a0a0a0a-0000-4000-8000-000000000001',
  tenantId: application.tenantId,
  puid: '1',
};

/** A subscription as Microsoft shows it (contract 3.2), with nothing left out: what is missing would be asked for again. */
export const shownSubscription = (index: number, { plan, quantity, status }: Held) => ({
  id: subscriptionId(index),
  ...offer,
  name: `Subscription ${index}`,
  saasSubscriptionStatus: status,
  beneficiary: person,
  purchaser: person,
  planId: plans[plan],
  quantity,
  term: { termUnit: 'P1M', startDate: '2026-01-14T00:00:00Z', endDate: '2126-02-13T00:00:00Z', chargeDuration: 'P1M' },
  autoRenew: true,
  isTest: false,
  isFreeTrial: false,
  allowedCustomerOperations: ['Delete', 'Read', 'Update'],
  sessionMode: 'None',
  sandboxType: 'None',
  created: '2026-01-13T12:00:00.0000000Z',
  lastModified: '0001-01-01T00:00:00',
});

/** What a subscription has once the operation has been carried out. */
export function after(before: Held, { kind, target }: Pick<Planned, 'kind' | 'target'>): Held {
  switch (kind) {
    case 'ChangePlan':
      return { ...before, plan: target };
    case 'ChangeQuantity':
      return { ...before, quantity: target };
    case 'Suspend':
      return { ...before, status: 'Suspended' };
    case 'Reinstate':
      return { ...before, status: 'Subscribed' };
  }
}

/** An operation, as Get Operation shows it and as a webhook tells it (contract 3.10, 4.3). */
export function shownOperation(id: string, { kind, target, subscription, atMs }: Planned, status: string, before: Held) {
  const held = after(before, { kind, target });
  return {
    id,
    activityId: id,
    ...offer,
    subscriptionId: subscriptionId(subscription),
    planId: plans[held.plan],
    quantity: held.quantity,
    action: kind,
    timeStamp: new Date(atMs).toISOString(),
    status,
    operationRequestSource: 'Azure',
  };
}

/** `Suspend` has happened when it is told; the others wait for our answer (contract 4.2). */
export const beginsAs = ({ kind }: Pick<Planned, 'kind'>): 'InProgress' | 'Succeeded' => (kind === 'Suspend' ? 'Succeeded' : 'InProgress');
