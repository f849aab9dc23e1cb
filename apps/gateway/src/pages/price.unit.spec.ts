import { priceOf } from './price';

const plan = (isPricePerSeat: boolean, prices: { termUnit: string; price: string; currency: string }[]) => ({
  ...{ planId: 'silver', displayName: 'Silver', description: '', minQuantity: null, maxQuantity: null, isStopSell: false },
  isPricePerSeat,
  prices,
});
const monthly = { termUnit: 'P1M', price: '12', currency: 'USD' };
const biennial = { termUnit: 'P2Y', price: '199.9', currency: 'EUR' };

describe('a price', () => {
  it.each([
    ['a flat rate', plan(false, [monthly, biennial]), 'P1M', null, '$12.00 per month'],
    ['the term that was bought', plan(false, [monthly, biennial]), 'P2Y', null, '€199.90 per 2 years'],
    ['the only one, where the term is not known yet', plan(false, [monthly]), null, null, '$12.00 per month'],
    ['seats', plan(true, [monthly]), 'P1M', 5, '$60.00 per month (5 seats at $12.00)'],
    ['one seat', plan(true, [monthly]), 'P1M', 1, '$12.00 per month (1 seat at $12.00)'],
    ['an unknown term', plan(false, [{ ...monthly, termUnit: 'PT1H' }]), 'PT1H', null, '$12.00 per PT1H'],
    ['an unknown currency', plan(false, [{ ...monthly, currency: 'gold' }]), 'P1M', null, '12.00 gold per month'],
    ['no price for the term', plan(false, [monthly, biennial]), 'P3Y', null, undefined],
    ['no decimal number', plan(false, [{ ...monthly, price: 'free' }]), 'P1M', null, undefined],
  ])('is shown for %s', (_case, offered, term, seats, text) => {
    expect(priceOf(offered, term, seats)).toBe(text);
  });
});
