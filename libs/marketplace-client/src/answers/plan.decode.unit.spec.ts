import { decode } from './decode';
import { planList } from './plan.decode';

const metered = {
  planId: 'base',
  displayName: 'Base',
  isPrivate: false,
  description: 'Base plan',
  hasFreeTrials: false,
  isPricePerSeat: false,
  isStopSell: true,
  market: 'US',
  planComponents: {
    recurrentBillingTerms: [
      {
        currency: 'USD',
        price: 100.5,
        termUnit: 'P1M',
        termDescription: '1 month',
        meteredQuantityIncluded: [{ dimensionId: 'dim1', units: '10' }],
      },
    ],
    meteringDimensions: [{ id: 'dim1', currency: 'USD', pricePerUnit: 0.5, unitOfMeasure: 'call', displayName: 'Calls' }],
  },
};
const read = (...plans: object[]) => decode(planList, JSON.stringify({ plans }));

it('reads a bare list', () => expect(decode(planList, JSON.stringify([metered]))).toEqual(read(metered)));

it('reads a flat-rate plan with dimensions', () => {
  expect(read(metered)).toEqual([
    {
      planId: 'base',
      displayName: 'Base',
      description: 'Base plan',
      isPrivate: false,
      hasFreeTrials: false,
      isPricePerSeat: false,
      isStopSell: true,
      minQuantity: null,
      maxQuantity: null,
      market: 'US',
      billingTerms: [
        { currency: 'USD', price: 100.5, termUnit: 'P1M', termDescription: '1 month', included: [{ dimensionId: 'dim1', units: '10' }] },
      ],
      meteringDimensions: [{ id: 'dim1', currency: 'USD', pricePerUnit: 0.5, unitOfMeasure: 'call', displayName: 'Calls' }],
      privateOfferIds: [],
    },
  ]);
});

it('reads seats and private offers where there are some', () => {
  const sourceOffers = [{ externalId: 'b6e5d1a0-0000-4000-8000-000000000001' }, {}];
  expect(read({ planId: 'silver', isPricePerSeat: true, minQuantity: 1, maxQuantity: 50, sourceOffers })).toMatchObject([
    { minQuantity: 1, maxQuantity: 50, privateOfferIds: ['b6e5d1a0-0000-4000-8000-000000000001'] },
  ]);
});

it.each(['', '{}', '{"plans":null}', '{"plans":[]}'])('reads %j as "no plans"', (body) => {
  expect(decode(planList, body)).toEqual([]);
});

it('bears a plan that says nothing but its id', () => {
  expect(read({ planId: 'x' })).toMatchObject([{ planId: 'x', billingTerms: [], meteringDimensions: [], isStopSell: false, market: null }]);
});
