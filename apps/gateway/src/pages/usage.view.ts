import type { UsageCount } from '../usage/usage';

/** What was used of one meter, in words for the customer. */
export interface UsageLine {
  readonly meter: string;
  readonly used: string;
  readonly included: string;
  readonly remaining: string;
  /** A day, in UTC: that is where the count begins anew. */
  readonly resetsOn: string;
  readonly resetsAt: string;
}

export interface UsageView {
  readonly lines: readonly UsageLine[];
  /** Something was used beyond what is included. */
  readonly isBeyond: boolean;
}

const amounts = new Intl.NumberFormat('en', { maximumFractionDigits: 6 });
const days = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeZone: 'UTC' });

/** Null: nothing was counted, so there is nothing to show. */
export function usageView(counts: readonly UsageCount[]): UsageView | null {
  if (counts.length === 0) return null;
  return {
    lines: counts.map(({ meter, used, included, remaining, resetsAt }) => ({
      ...{ meter: meterName(meter), used: amount(used), resetsAt },
      included: included === null ? 'No limit' : amount(included),
      remaining: remaining === null ? 'No limit' : amount(remaining),
      resetsOn: days.format(new Date(resetsAt)),
    })),
    isBeyond: counts.some(({ used, included }) => included !== null && Number(used) > Number(included)),
  };
}

/** Corrections can exceed what was used; a customer is not told of less than nothing. */
const amount = (decimal: string): string => amounts.format(Math.max(0, Number(decimal)));

/** The id of a meter, as it is read: `report-pages` is Report pages. Nobody has given it another name. */
function meterName(id: string): string {
  const words = id.replace(/[-_.]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
