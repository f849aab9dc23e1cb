/** What Microsoft's answers are made of, for specs: `toEqual` with these checks that exactly these members are there, each of its kind. */
export const guid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
export const text = expect.stringMatching(/\S/);
export const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z$/);
export const sevenDigits = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/);
export const midnight = expect.stringMatching(/^\d{4}-\d\d-\d\dT00:00:00Z$/);
export const number = expect.any(Number);
export const digits = expect.stringMatching(/^\d+$/);

export const party = { emailId: text, objectId: guid, tenantId: guid, puid: text };
export const resellerParty = { ...party, puid: null };

/** The members of a subscription that are the same everywhere (contract 3.2). */
const subscription = {
  id: guid,
  publisherId: text,
  offerId: text,
  name: text,
  beneficiary: party,
  purchaser: party,
  planId: text,
  autoRenew: true,
  isTest: false,
  isFreeTrial: false,
  sandboxType: 'None',
  created: sevenDigits,
  sessionMode: 'None',
};

export const everything = ['Delete', 'Update', 'Read'];
export const activeTerm = { startDate: midnight, endDate: midnight, termUnit: 'P1M' };

export const inRest = (status: string, more: object) => ({
  ...subscription,
  saasSubscriptionStatus: status,
  allowedCustomerOperations: everything,
  lastModified: '0001-01-01T00:00:00',
  ...more,
});

export const inWebhook = (status: string, more: object) => ({
  ...subscription,
  saasSubscriptionStatus: status,
  allowedCustomerOperations: everything,
  quantity: number,
  lastModified: sevenDigits,
  term: { ...activeTerm, chargeDuration: null },
  ...more,
});

/** An operation in the API; one that did not fail carries no error, as seen live (contract 3.10). */
export const operation = (more: object) => ({
  id: guid,
  activityId: guid,
  publisherId: text,
  offerId: text,
  planId: text,
  subscriptionId: guid,
  timeStamp: sevenDigits,
  ...more,
});

/** The body of a webhook (contract 4.3). */
export const notification = (more: object) => ({
  id: guid,
  activityId: guid,
  publisherId: text,
  offerId: text,
  planId: text,
  quantity: number,
  subscriptionId: guid,
  timeStamp: sevenDigits,
  operationRequestSource: 'Azure',
  purchaseToken: null,
  ...more,
});
