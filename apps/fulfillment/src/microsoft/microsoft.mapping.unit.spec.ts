import { planOnOffer, snapshot } from '@landfall/contracts';
import type { Operation, Plan } from '@landfall/marketplace-client';
import { MicrosoftWordUnknown } from './microsoft.errors';
import { operationReadingOf, planOnOfferOf, snapshotOf } from './microsoft.mapping';
import { aMarketplaceOperation, aMarketplaceSubscription } from '../testing/microsoft.samples';

describe('a subscription as Microsoft shows it', () => {
  it('is published without e-mail and name, which are nobody else’s business', () => {
    const published = snapshotOf(aMarketplaceSubscription());
    expect(snapshot.safeParse(published)).toMatchObject({ success: true });
    expect(JSON.stringify(published)).not.toMatch(/@|Fabrikam|puid/);
    expect(published.beneficiary).toEqual({ tenantId: expect.any(String), objectId: expect.any(String) });
  });

  it('keeps the normalised offer and that it was a preview', () => {
    const published = snapshotOf(
      aMarketplaceSubscription({ offerId: 'contoso-saas', offerIdRaw: 'contoso-saas-preview', isPreview: true }),
    );
    expect(published).toMatchObject({ offerId: 'contoso-saas', isPreview: true });
  });

  it('keeps null for a flat-rate quantity, an unknown term and a purchase time that was left out', () => {
    const published = snapshotOf(aMarketplaceSubscription({ quantity: null, term: null, created: null }));
    expect(published).toMatchObject({ quantity: null, term: null, purchasedAt: null });
  });

  it('names the private offer behind the purchase where the plans name it', () => {
    expect(snapshotOf(aMarketplaceSubscription(), 'offer-guid').privateOfferId).toBe('offer-guid');
  });

  it('with a status that we do not know is not guessed at', () => {
    const unknown = aMarketplaceSubscription({ status: 'Frozen' });
    expect(() => snapshotOf(unknown)).toThrow(MicrosoftWordUnknown);
    expect(() => snapshotOf(unknown)).toThrow('unknown subscription status: "Frozen"');
  });

  it('without a plan is not published, since that would read as a change to no plan; its end is published all the same', () => {
    expect(() => snapshotOf(aMarketplaceSubscription({ planId: '' }))).toThrow(MicrosoftWordUnknown);
    expect(snapshotOf(aMarketplaceSubscription({ planId: '', status: 'Unsubscribed' })).status).toBe('Unsubscribed');
  });
});

it('an operation keeps its target, its source and when it was asked for', () => {
  const operation: Operation = aMarketplaceOperation({ action: 'ChangeQuantity', quantity: 20, source: 'Partner' });
  expect(operationReadingOf(operation)).toMatchObject({
    action: 'ChangeQuantity',
    quantity: 20,
    source: 'Partner',
    requestedAt: operation.timeStamp,
  });
});

it('an operation with a status that we do not know is not guessed at', () => {
  expect(() => operationReadingOf(aMarketplaceOperation({ status: 'Paused' }))).toThrow('unknown operation status: "Paused"');
});

it('a plan has its prices as decimal text, and no price where Microsoft named none', () => {
  const term = { termDescription: 'monthly', currency: 'USD', included: [] };
  const plan: Plan = {
    ...{ planId: 'gold', displayName: 'Gold', description: 'All of it', isPrivate: false, hasFreeTrials: false, isPricePerSeat: true },
    ...{ isStopSell: false, minQuantity: 1, maxQuantity: null, market: 'US', meteringDimensions: [], privateOfferIds: [] },
    billingTerms: [
      { ...term, termUnit: 'P1M', price: 12.5 },
      { ...term, termUnit: 'P1Y', price: null },
    ],
  };
  const published = planOnOfferOf(plan);
  expect(planOnOffer.safeParse(published)).toMatchObject({ success: true });
  expect(published.prices).toEqual([{ termUnit: 'P1M', price: '12.5', currency: 'USD' }]);
});
