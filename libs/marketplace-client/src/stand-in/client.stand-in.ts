import { MarketplaceClient } from '../marketplace.client';
import type { MarketplaceError } from '../marketplace.errors';
import type { CallRecord, MarketplaceClientOptions } from '../marketplace.options';
import { MicrosoftStandIn, appId, clientId, clientSecret, tenantId } from './microsoft.stand-in';

export const subscriptionId = '37f9dea2-4345-438f-b0bd-03d40d28c7e0';
export const operationId = '74dfb4db-c193-4891-827d-eb05fbdc64b0';
export const context = { correlationId: 'c0ffee00-0000-4000-8000-000000000001' };
export const aSubscription = { id: subscriptionId, saasSubscriptionStatus: 'Subscribed', planId: 'silver', offerId: 'contoso-saas' };
export const anOperation = { id: operationId, subscriptionId, action: 'ChangePlan', status: 'InProgress' };

/** A fresh Microsoft and clients of it for each test of a file; everything is stopped after the test. */
export function microsoftAndClient() {
  const house = { microsoft: undefined as unknown as MicrosoftStandIn, records: [] as CallRecord[], client };
  const clients: MarketplaceClient[] = [];

  function client(options: Partial<MarketplaceClientOptions> = {}): MarketplaceClient {
    const made = new MarketplaceClient({
      apiUrl: house.microsoft.apiUrl,
      authorityUrl: house.microsoft.origin,
      appId,
      tenantId,
      clientId,
      credential: { secret: clientSecret },
      linkHosts: [],
      onCall: (record) => house.records.push(record),
      random: () => 0, // the shortest back-off
      ...options,
    });
    clients.push(made);
    return made;
  }

  beforeEach(async () => {
    house.microsoft = await MicrosoftStandIn.start();
    house.records = [];
  });
  afterEach(async () => {
    await house.microsoft.stop();
    await Promise.all(clients.splice(0).map((made) => made.close()));
  });
  return house;
}

/** The error that a call ends in; a call that succeeds fails the test. */
export async function failureOf(call: Promise<unknown>): Promise<MarketplaceError> {
  try {
    await call;
  } catch (error) {
    return error as MarketplaceError;
  }
  throw new Error('the call succeeded');
}
