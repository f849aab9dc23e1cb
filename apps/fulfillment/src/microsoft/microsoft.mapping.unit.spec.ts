import { member, microsoftsReason, planOnOffer, shownSnapshot } from '@landfall/contracts';
import type { Operation, Plan } from '@landfall/marketplace-client';
import { missingOf } from '../observation/observation.domain';
import { operationReadingOf, planOnOfferOf, snapshotOf } from './microsoft.mapping';
import { aMarketplaceOperation, aMarketplaceSubscription } from '../testing/microsoft.samples';

describe('a subscription as Microsoft shows it', () => {
  it('is published without e-mail and name, which are nobody else’s business', () => {
    const published = snapshotOf(aMarketplaceSubscription());
    expect(shownSnapshot.safeParse(published)).toMatchObject({ success: true });
    expect(JSON.stringify(published)).not.toMatch(/@|Fabrikam|puid/);
    expect(published.beneficiary).toEqual({ tenantId: expect.any(String), objectId: expect.any(String) });
  });

  it('tells every member that the record has, where the answer names it', () => {
    const read = { snapshot: snapshotOf(aMarketplaceSubscription(), 'offer-guid'), readNo: 1, date: '2026-03-01T12:00:00.000Z' };
    expect(missingOf({ members: [...member.options] }, read)).toEqual([]);
  });

  it('keeps the normalised offer and that it was a preview', () => {
    const published = snapshotOf(
      aMarketplaceSubscription({ offerId: 'contoso-saas', offerIdRaw: 'contoso-saas-preview', isPreview: true }),
    );
    expect(published).toMatchObject({ offerId: 'contoso-saas', isPreview: true });
  });

  it.each([
    'publisherId',
    'offerId',
    'isPreview',
    'planId',
    'quantity',
    'status',
    'term',
    'autoRenew',
    'isFreeTrial',
    'allowedCustomerOperations',
    'beneficiary',
    'purchaser',
  ] as const)('says nothing of %s where the answer left it out (rule 1)', (member) => {
    const published = snapshotOf(aMarketplaceSubscription({ [member]: undefined }));
    expect(Object.keys(published)).not.toContain(member);
    expect(shownSnapshot.safeParse(published)).toMatchObject({ success: true });
  });

  it('says nothing of the purchase time and the private offer where nobody names them', () => {
    const published = Object.keys(snapshotOf(aMarketplaceSubscription({ created: undefined })));
    expect(published).not.toContain('purchasedAt');
    expect(published).not.toContain('privateOfferId');
  });

  it('names no owner by half', () => {
    expect(snapshotOf(aMarketplaceSubscription({ beneficiary: { tenantId: 't' } })).beneficiary).toBeUndefined();
  });

  it('names the private offer behind the purchase where the plans name it', () => {
    expect(snapshotOf(aMarketplaceSubscription(), 'offer-guid').privateOfferId).toBe('offer-guid');
  });

  it('says nothing of a status that we do not know: nobody guesses, and the rest counts', () => {
    const published = snapshotOf(aMarketplaceSubscription({ status: 'Frozen', planId: 'gold' }));
    expect([published.status, published.planId]).toEqual([undefined, 'gold']);
  });
});

it('an operation keeps its target, its source and when it was asked for', () => {
  const operation: Operation = aMarketplaceOperation({ action: 'ChangeQuantity', quantity: 20, source: 'Partner' });
  expect(operationReadingOf(operation)).toMatchObject({
    action: 'ChangeQuantity',
    quantity: 20,
    source: 'Partner',
    timeStamp: operation.timeStamp,
  });
});

it('an operation says why it failed in bounded words, however much Microsoft writes', () => {
  const { failure } = operationReadingOf(
    aMarketplaceOperation({ status: 'Failed', errorCode: 'x'.repeat(5_000), errorMessage: 'y'.repeat(100_000) }),
  );
  expect(microsoftsReason.safeParse(failure)).toMatchObject({ success: true });
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
