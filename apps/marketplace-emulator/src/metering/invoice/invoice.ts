import { includedIn, type Plan } from '../../offers/offer';
import type { Stretch } from '../../subscription/subscription.history';
import { addDays, addMonths } from '../../time/calendar';
import { billedTerms, type BilledTerm, type Segment } from './billed.terms';
import { decimalOf, numberOf, shareOf, sumOf } from '../decimal';
import type { UsageDay } from '../usage/usage.repository';
import { dayAt } from '../iso.instant';

/** What an invoice is made of. */
export interface Billed {
  boughtAtMs: number;
  stretches: readonly Stretch[];
  usage: readonly UsageDay[];
  /** The plan as it is sold in a term that begins then. */
  planOf(planId: string, termStartMs: number): Plan;
  /** What is taken off the list price of a plan in a term that begins then, in per cent. */
  discountOf?(planId: string, termStartMs: number): number;
}

/**
 * What the customer is billed, close to what Microsoft would: the fee of each term for the whole of it, shared by days among the plans and
 * seats that were held (contract 4.5), nothing for a trial, all of it back after a cancellation within 72 hours (5.4); and metered usage by
 * months of the term, under the plan that it was reported for, which is charged even then (5.4, 6.3). A quantity that a plan includes is
 * information: the publisher subtracts it, Microsoft does not.
 */
export function invoiceOf({ boughtAtMs, stretches, usage, planOf, discountOf = () => 0 }: Billed) {
  const terms = billedTerms(stretches, boughtAtMs);
  const invoiced = terms.map((term, index) => {
    const usageOfTerm = usage.filter(({ usageDate }) => termOf(Date.parse(usageDate), terms) === index);
    return invoicedTerm(term, usageOfTerm, { planOf, discountOf });
  });
  return { terms: invoiced.map(({ term }) => term), amount: numberOf(sumOf(invoiced.map(({ amount }) => amount))) };
}

function invoicedTerm(
  term: BilledTerm,
  usage: readonly UsageDay[],
  { planOf, discountOf }: Required<Pick<Billed, 'planOf' | 'discountOf'>>,
) {
  const fees = term.segments.map((segment) =>
    feeOf(segment, term, planOf(segment.planId, term.startMs), discountOf(segment.planId, term.startMs)),
  );
  const feeAmount = sumOf(fees.map(({ amount }) => amount));
  const refund = term.isRefunded ? feeAmount.neg() : decimalOf(0);
  const months = usageByMonth(usage, term, planOf);
  const amount = sumOf([feeAmount, refund, ...months.map((month) => month.amount)]);
  return {
    amount,
    term: {
      from: dayAt(term.startMs),
      to: dayAt(addDays(term.startMs, term.days - 1)),
      termUnit: term.termUnit,
      fees: fees.map(({ amount: fee, line }) => ({ ...line, amount: numberOf(fee) })),
      refund: numberOf(refund),
      usage: months.map(({ amount: ofMonth, month }) => ({ ...month, amount: numberOf(ofMonth) })),
      amount: numberOf(amount),
    },
  };
}

/** The fee of some days of a term; nothing where the plan is not sold for such a term any more. */
function feeOf({ planId, quantity, isFreeTrial, firstDay, days }: Segment, term: BilledTerm, plan: Plan, discountPercent: number) {
  const listPrice = plan.billingTerms.find(({ termUnit }) => termUnit === term.termUnit)?.price ?? null;
  const price =
    listPrice === null
      ? null
      : numberOf(
          decimalOf(listPrice)
            .times(100 - discountPercent)
            .div(100),
        );
  const whole = decimalOf(isFreeTrial ? 0 : (price ?? 0)).times(quantity ?? 1);
  const from = addDays(term.startMs, firstDay);
  return {
    amount: shareOf(whole, days, term.days),
    line: {
      planId,
      seats: quantity,
      isFreeTrial,
      price,
      from: dayAt(from),
      to: dayAt(addDays(from, days - 1)),
      days,
      daysOfTerm: term.days,
    },
  };
}

function usageByMonth(usage: readonly UsageDay[], term: BilledTerm, planOf: Billed['planOf']) {
  const byMonth = Map.groupBy(usage, ({ usageDate }) => monthOf(Date.parse(usageDate), term));
  return [...byMonth]
    .sort(([one], [other]) => one - other)
    .map(([month, ofMonth]) => {
      const lines = [...Map.groupBy(ofMonth, ({ dimension, planId }) => `${planId}|${dimension}`).values()].map((days) =>
        usageLine(days, term, planOf),
      );
      return {
        amount: sumOf(lines.map(({ amount }) => amount)),
        month: {
          from: dayAt(monthStart(term, month)),
          to: dayAt(addDays(monthStart(term, month + 1), -1)),
          lines: lines.map(({ amount, line }) => ({ ...line, amount: numberOf(amount) })),
        },
      };
    });
}

/**
 * Totals of one dimension under one plan. `exactAmount` is what it would be if nothing was cut off after the cents of each event
 * (contract 6.3).
 */
function usageLine(days: readonly UsageDay[], term: BilledTerm, planOf: Billed['planOf']) {
  const { planId, dimension, pricePerUnit } = days.at(-1) as UsageDay;
  const plan = planOf(planId, term.startMs);
  const billingTerm = plan.billingTerms.find(({ termUnit }) => termUnit === term.termUnit);
  return {
    amount: sumOf(days.map(({ amount }) => decimalOf(amount))),
    line: {
      dimension,
      planId,
      unitOfMeasure: plan.meteringDimensions.find(({ id }) => id === dimension)?.unitOfMeasure ?? null,
      events: days.reduce((events, { count }) => events + count, 0),
      quantity: numberOf(sumOf(days.map(({ quantity }) => decimalOf(quantity)))),
      pricePerUnit,
      exactAmount: numberOf(sumOf(days.map(({ exactAmount }) => decimalOf(exactAmount)))),
      includedQuantity: (billingTerm && includedIn(billingTerm, dimension)) ?? null,
    },
  };
}

/** The term that a day lies in; what is before the first or after the last counts to that one. */
function termOf(dayMs: number, terms: readonly BilledTerm[]): number {
  return Math.max(
    terms.findLastIndex(({ startMs }) => startMs <= dayMs),
    0,
  );
}

/** The month of the term that a day lies in, from 0 on: of an annual term, usage is invoiced monthly (contract 6.3). */
function monthOf(dayMs: number, term: BilledTerm): number {
  const lastMs = Math.min(dayMs, addDays(term.startMs, term.days - 1));
  let month = 0;
  while (monthStart(term, month + 1) <= lastMs) month++;
  return month;
}

function monthStart({ startMs }: BilledTerm, month: number): number {
  return addMonths(startMs, month);
}
