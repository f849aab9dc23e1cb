import fc from 'fast-check';
import { builtInOffers } from '../../offers/built-in.offers';
import { planOf, type Offer, type Plan } from '../../offers/offer';
import type { Stretch } from '../../subscription/subscription.history';
import { termAfter, termFrom } from '../../subscription/term';
import { cutToCents, decimalOf, textOf } from '../decimal';
import { invoiceOf } from './invoice';
import type { UsageDay } from '../usage/usage.repository';

fc.configureGlobal({ seed: 1 });

const [team, reach] = builtInOffers as [Offer, Offer];
const first = termFrom(Date.parse('2024-01-14'), 'P1M'); // 31 days
const second = termAfter(first, { termUnit: 'P1M' });
const year = termFrom(Date.parse('2024-01-31'), 'P1Y');

function held(from: string, facts: Partial<Stretch> = {}): Stretch {
  return {
    fromMs: Date.parse(from),
    status: 'Subscribed',
    planId: 'base',
    quantity: null,
    termUnit: 'P1M',
    term: first,
    isFreeTrial: false,
    ...facts,
  };
}

function used(usageDate: string, quantity: number, facts: Partial<UsageDay> = {}): UsageDay {
  const amount = decimalOf(quantity).times(facts.pricePerUnit ?? 0.01);
  return {
    id: '',
    subscriptionId: '',
    usageDate,
    dimension: 'emails',
    planId: 'base',
    quantity: String(quantity),
    count: 1,
    pricePerUnit: 0.01,
    currency: 'USD',
    amount: textOf(cutToCents(amount)),
    exactAmount: textOf(amount),
    reconciledAtMs: 0,
    forced: null,
    ...facts,
  };
}

const invoice = (stretches: Stretch[], usage: UsageDay[] = [], offer = reach) =>
  invoiceOf({ boughtAtMs: Date.parse('2024-01-14T09:00:00Z'), stretches, usage, planOf: (planId) => planOf(offer, planId) as Plan });

describe('the fee of a term', () => {
  it('is that of its plan, for the whole of it, from its first day', () => {
    expect(invoice([held('2024-01-14T15:30:00Z')])).toMatchObject({
      terms: [
        {
          from: '2024-01-14',
          to: '2024-02-13',
          fees: [{ planId: 'base', seats: null, price: 100, days: 31, daysOfTerm: 31, amount: 100 }],
          refund: 0,
          usage: [],
          amount: 100,
        },
      ],
      amount: 100,
    });
  });

  it('is that of the seats together where a plan is priced per seat', () => {
    expect(invoice([held('2024-01-14', { planId: 'silver', quantity: 7 })], [], team).amount).toBe(56);
  });

  it('is shared by days among the plans, the day of a change belonging to the new one', () => {
    const { terms, amount } = invoice([held('2024-01-14T10:00Z'), held('2024-01-24T23:59Z', { planId: 'plus' })]);
    expect(terms[0]?.fees).toMatchObject([
      { planId: 'base', from: '2024-01-14', to: '2024-01-23', days: 10, amount: 32.26 },
      { planId: 'plus', from: '2024-01-24', to: '2024-02-13', days: 21, amount: 270.97 },
    ]);
    expect(amount).toBe(303.23);
  });

  it('is shared in the same way among numbers of seats', () => {
    const seats = (from: string, quantity: number) => held(from, { planId: 'silver', quantity });
    expect(
      invoice([seats('2024-01-14', 10), seats('2024-01-20', 20), seats('2024-01-20T12:00Z', 30)], [], team).terms[0]?.fees,
    ).toMatchObject([
      { seats: 10, days: 6, amount: 15.48 },
      { seats: 30, days: 25, amount: 193.55 },
    ]);
  });

  it('does not change by a suspension, and takes back what was changed back on the same day', () => {
    const stretches = [
      held('2024-01-14'),
      held('2024-01-20', { status: 'Suspended' }),
      held('2024-01-25'),
      held('2024-01-26T08:00Z', { planId: 'plus' }),
      held('2024-01-26T09:00Z'),
    ];
    expect(invoice(stretches).terms[0]?.fees).toMatchObject([{ days: 31, amount: 100 }]);
  });

  it('is due again with each renewal', () => {
    const { terms, amount } = invoice([held('2024-01-14'), held('2024-02-14T00:00:00Z', { term: second })]);
    expect(terms.map(({ from, to, amount: ofTerm }) => [from, to, ofTerm])).toEqual([
      ['2024-01-14', '2024-02-13', 100],
      ['2024-02-14', '2024-03-13', 100],
    ]);
    expect(amount).toBe(200);
  });

  it('is nothing for a trial, and due from the day on which a trial ends, whether by itself or by a change of plan', () => {
    const trial = held('2024-01-14T10:00Z', { isFreeTrial: true });
    expect(invoice([trial, held('2024-02-14', { term: second })]).terms.map(({ amount }) => amount)).toEqual([0, 100]);
    const onTheSameDay = held('2024-01-14T12:00Z');
    expect(invoice([trial, onTheSameDay]).terms.map(({ amount }) => amount)).toEqual([100]);
    const later = held('2024-01-29T10:00Z', { term: termFrom(Date.parse('2024-01-29'), 'P1M') });
    expect(invoice([trial, later]).terms.map(({ from, to, amount }) => [from, to, amount])).toEqual([
      ['2024-01-14', '2024-02-13', 0],
      ['2024-01-29', '2024-02-28', 100],
    ]);
  });

  it('is not due for a trial whose payment failed at its end', () => {
    const trial = held('2024-01-14T10:00Z', { isFreeTrial: true });
    expect(invoice([trial, held('2024-02-14', { status: 'Suspended' })])).toMatchObject({ terms: [{ amount: 0 }], amount: 0 });
  });

  it('is nothing that is known where the plan is no longer sold', () => {
    const withdrawn = { billingTerms: [], meteringDimensions: [] } as unknown as Plan;
    expect(
      invoiceOf({ boughtAtMs: 0, stretches: [held('2024-01-14')], usage: [used('2024-01-20', 300)], planOf: () => withdrawn }),
    ).toMatchObject({
      terms: [{ fees: [{ price: null, amount: 0 }], usage: [{ lines: [{ unitOfMeasure: null, includedQuantity: null, amount: 3 }] }] }],
      amount: 3,
    });
  });

  it('has every day once, at the price of its plan to the cent, however often the plan changed', () => {
    const changes = fc.array(fc.record({ minute: fc.nat(31 * 24 * 60), planId: fc.constantFrom('base', 'plus', 'instant') }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(changes, (unordered) => {
        const later = [...unordered].sort((one, other) => one.minute - other.minute);
        const instantOf = (minute: number) => new Date(Date.parse('2024-01-14') + minute * 60_000).toISOString();
        const fees =
          invoice([held('2024-01-14'), ...later.map(({ minute, planId }) => held(instantOf(minute), { planId }))]).terms[0]?.fees ?? [];
        expect(fees.reduce((sum, { days }) => sum + days, 0)).toBe(31);
        for (const { amount, price, days } of fees) expect(Math.abs(amount - ((price ?? 0) * days) / 31)).toBeLessThan(0.00501);
        expect(fees.at(-1)?.planId).toBe(later.findLast(({ minute }) => minute < 31 * 24 * 60)?.planId ?? 'base');
      }),
    );
  });
});

describe('a cancellation', () => {
  const cancelledAt = (from: string, usage: UsageDay[] = []) =>
    invoice([held('2024-01-14T10:00:00Z'), held(from, { status: 'Unsubscribed' })], usage);

  it('gives the fee back within 72 hours after the purchase, but not what was used', () => {
    expect(cancelledAt('2024-01-17T09:00:00Z', [used('2024-01-15', 300)])).toMatchObject({
      terms: [{ refund: -100, amount: 3 }],
      amount: 3,
    });
  });

  it('gives nothing back afterwards: the term is billed', () => {
    expect(cancelledAt('2024-01-17T09:00:00.001Z')).toMatchObject({ terms: [{ refund: 0, amount: 100 }], amount: 100 });
  });

  it('within 72 hours after a renewal gives back the new term alone', () => {
    expect(
      invoice([held('2024-01-14'), held('2024-02-14', { term: second }), held('2024-02-16', { term: second, status: 'Unsubscribed' })]),
    ).toMatchObject({
      terms: [{ amount: 100 }, { refund: -100, amount: 0 }],
      amount: 100,
    });
  });

  it('before the activation leaves nothing to bill', () => {
    expect(invoice([])).toEqual({ terms: [], amount: 0 });
  });
});

describe('metered usage', () => {
  it('has a line for each dimension and plan, with what the plan includes for information alone', () => {
    const usage = [
      used('2024-01-14', 150),
      used('2024-02-13', 0.5, { count: 2, amount: '0' }),
      used('2024-01-20', 3, { dimension: 'texts', pricePerUnit: 0.08 }),
      used('2024-01-30', 10, { planId: 'plus' }),
    ];
    const { terms, amount } = invoice([held('2024-01-14'), held('2024-01-24', { planId: 'plus' })], usage);
    expect(terms[0]?.usage).toEqual([
      {
        from: '2024-01-14',
        to: '2024-02-13',
        lines: [
          {
            dimension: 'emails',
            planId: 'base',
            unitOfMeasure: 'e-mail',
            events: 3,
            quantity: 150.5,
            pricePerUnit: 0.01,
            amount: 1.5,
            exactAmount: 1.505,
            includedQuantity: '1000',
          },
          {
            dimension: 'texts',
            planId: 'base',
            unitOfMeasure: 'text',
            events: 1,
            quantity: 3,
            pricePerUnit: 0.08,
            amount: 0.24,
            exactAmount: 0.24,
            includedQuantity: '10',
          },
          {
            dimension: 'emails',
            planId: 'plus',
            unitOfMeasure: 'e-mail',
            events: 1,
            quantity: 10,
            pricePerUnit: 0.01,
            amount: 0.1,
            exactAmount: 0.1,
            includedQuantity: '10000',
          },
        ],
        amount: 1.84,
      },
    ]);
    expect(amount).toBe(305.07);
  });

  it('is invoiced by months of the term where that is longer, counted from its first day', () => {
    const { terms } = invoice(
      [held('2024-01-31', { termUnit: 'P1Y', term: year })],
      [used('2024-01-31', 100), used('2024-02-28', 100), used('2024-02-29', 100), used('2024-03-31', 100), used('2025-01-29', 100)],
    );
    expect(terms[0]?.usage.map(({ from, to, amount }) => [from, to, amount])).toEqual([
      ['2024-01-31', '2024-02-28', 2],
      ['2024-02-29', '2024-03-30', 1],
      ['2024-03-31', '2024-04-29', 1],
      ['2024-12-31', '2025-01-30', 1],
    ]);
    expect(terms[0]?.amount).toBe(1_005);
  });

  it('lies in the term of its day; what is before the first or after the last counts to that one', () => {
    const usage = ['2024-01-13', '2024-02-13', '2024-02-14', '2024-04-01'].map((day) => used(day, 100));
    const { terms } = invoice([held('2024-01-14'), held('2024-02-14', { term: second })], usage);
    expect(terms.map(({ usage: months }) => months.map(({ amount }) => amount))).toEqual([[2], [2]]);
  });
});
