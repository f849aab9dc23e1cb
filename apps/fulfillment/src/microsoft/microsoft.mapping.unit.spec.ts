import { planOnOffer, snapshot } from '@landfall/contracts';
import type { Operation, Plan } from '@landfall/marketplace-client';
import { MicrosoftWordUnknown } from './microsoft.errors';
import { planOnOfferOf, seenOperationOf, snapshotOf } from './microsoft.mapping';
import { anAnsweredOperation, anAnsweredSubscription } from '../testing/microsoft.samples';

describe('a subscription as Microsoft shows it', () => {
  it('is told without e-mail and name, which are nobody else’s business', () => {
    const told = snapshotOf(anAnsweredSubscription());
    expect(snapshot.safeParse(told)).toMatchObject({ success: true });
    expect(JSON.stringify(told)).not.toMatch(/@|Fabrikam|puid/);
    expect(told.beneficiary).toEqual({ tenantId: expect.any(String), objectId: expect.any(String) });
  });

  it('keeps the normalised offer and says that it was a preview', () => {
    const told = snapshotOf(anAnsweredSubscription({ offerId: 'contoso-saas', offerIdRaw: 'contoso-saas-preview', isPreview: true }));
    expect(told).toMatchObject({ offerId: 'contoso-saas', isPreview: true });
  });

  it('keeps null for a flat-rate quantity, an unknown term and a purchase time that was not said', () => {
    const told = snapshotOf(anAnsweredSubscription({ quantity: null, term: null, created: null }));
    expect(told).toMatchObject({ quantity: null, term: null, purchasedAt: null });
  });

  it('names the private offer behind the purchase where the plans told it', () => {
    expect(snapshotOf(anAnsweredSubscription(), 'offer-guid').privateOfferId).toBe('offer-guid');
  });

  it('with a status that we do not know is not guessed at', () => {
    const unknown = anAnsweredSubscription({ status: 'Frozen' });
    expect(() => snapshotOf(unknown)).toThrow(MicrosoftWordUnknown);
    expect(() => snapshotOf(unknown)).toThrow('unknown subscription status: "Frozen"');
  });

  it('without a plan is not told, since that would read as a change to no plan; its end is told all the same', () => {
    expect(() => snapshotOf(anAnsweredSubscription({ planId: '' }))).toThrow(MicrosoftWordUnknown);
    expect(snapshotOf(anAnsweredSubscription({ planId: '', status: 'Unsubscribed' })).status).toBe('Unsubscribed');
  });
});

it('an operation keeps its target, its source and when it was asked for', () => {
  const operation: Operation = anAnsweredOperation({ action: 'ChangeQuantity', quantity: 20, source: 'Partner' });
  expect(seenOperationOf(operation)).toMatchObject({
    action: 'ChangeQuantity',
    quantity: 20,
    source: 'Partner',
    requestedAt: operation.timeStamp,
  });
});

it('an operation with a status that we do not know is not guessed at', () => {
  expect(() => seenOperationOf(anAnsweredOperation({ status: 'Paused' }))).toThrow('unknown operation status: "Paused"');
});

it('a plan tells its prices as decimal text, and no price where Microsoft named none', () => {
  const term = { termDescription: 'monthly', currency: 'USD', included: [] };
  const plan: Plan = {
    ...{ planId: 'gold', displayName: 'Gold', description: 'All of it', isPrivate: false, hasFreeTrials: false, isPricePerSeat: true },
    ...{ isStopSell: false, minQuantity: 1, maxQuantity: null, market: 'US', meteringDimensions: [], privateOfferIds: [] },
    billingTerms: [
      { ...term, termUnit: 'P1M', price: 12.5 },
      { ...term, termUnit: 'P1Y', price: null },
    ],
  };
  const told = planOnOfferOf(plan);
  expect(planOnOffer.safeParse(told)).toMatchObject({ success: true });
  expect(told.prices).toEqual([{ termUnit: 'P1M', price: '12.5', currency: 'USD' }]);
});
