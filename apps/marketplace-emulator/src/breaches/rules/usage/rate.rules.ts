import { limits } from '../../../limits';
import { decimalOf } from '../../../metering/decimal';
import type { Rule } from '../../rule';
import { about, usageIn } from './reported.usage';
import { ShownLives } from './shown.life';
import { ShownRates } from './shown.rates';

/** About what costs the customer nothing, as far as the publisher has been shown that. */

export const usageOfTrial: Rule = {
  id: 'usage-of-trial',
  section: '1.5, 5.4',
  severity: 'breach',
  title: 'Usage reported in a free trial',
  asks: 'Charge nothing for a subscription whose isFreeTrial is true.',
  leadsTo: 'Where Microsoft takes the event, the customer pays in a month that was promised to be free.',
  instead: 'Count what is used in a trial, and report none of it.',
  watch: () => {
    const lives = new ShownLives();
    return {
      'delivery-ended': (fact) => lives.delivered(fact),
      'call-ended': (fact) => {
        lives.answered(fact);
        return usageIn(fact)
          .filter(({ subscriptionId }) => subscriptionId && isKnownTrial(lives.of(subscriptionId).trial, fact.beganAtMs))
          .map((event) => about(fact, event, `Usage of ${event.dimension} was reported, and the publisher had been shown a free trial.`));
      },
    };
  },
};

function isKnownTrial(trial: ReturnType<ShownLives['of']>['trial'], atMs: number): boolean {
  return (
    trial !== undefined && trial.isTrial && (trial.otherAtMs === null ? trial.knownAtMs <= atMs : atMs - trial.knownAtMs >= limits.newsMs)
  );
}

export const usageOfUnlimited: Rule = {
  id: 'usage-of-unlimited',
  section: '3.7, 6.3 (4)',
  severity: 'breach',
  title: 'Usage reported of what the plan includes without limit',
  asks: 'Report only what goes beyond the included quantity, and so nothing where that has no limit.',
  leadsTo: 'Microsoft charges every unit that is reported, whatever the plan includes: the customer pays for what is free.',
  instead: 'Read meteredQuantityIncluded of the term that the subscription has, and report nothing of a dimension without limit.',
  watch: () => {
    const [lives, rates] = [new ShownLives(), new ShownRates()];
    const isUnlimited = (subscriptionId: string, planId: string, dimension: string) => {
      const rate = rates.of(subscriptionId, planId, dimension);
      const { termUnit } = lives.of(subscriptionId);
      if (!rate || rate.unlimitedIn.length === 0) return false;
      return termUnit === undefined ? rate.unlimitedIn.length === rate.termUnits.length : rate.unlimitedIn.includes(termUnit);
    };
    return {
      'delivery-ended': (fact) => lives.delivered(fact),
      'call-ended': (fact) => {
        lives.answered(fact);
        rates.answered(fact);
        return usageIn(fact)
          .filter(({ subscriptionId, planId, dimension }) => subscriptionId && isUnlimited(subscriptionId, planId, dimension))
          .map((event) =>
            about(fact, event, `Usage of ${event.dimension} was reported, of which plan ${event.planId} includes any quantity.`),
          );
      },
    };
  },
};

export const usageBelowCent: Rule = {
  id: 'usage-below-a-cent',
  section: '6.3 (5)',
  severity: 'breach',
  title: 'Usage reported that costs less than a cent',
  asks: 'Hold back what costs less than a cent, until it is a cent together with what is used later.',
  leadsTo: 'Microsoft cuts each event to whole cents, and its hour takes no second event: the units are gone, and nobody pays for them.',
  instead: 'Report as much as makes whole cents, and carry the rest into a later hour.',
  watch: () => {
    const rates = new ShownRates();
    return {
      'call-ended': (fact) => {
        rates.answered(fact);
        return usageIn(fact).flatMap((event) => {
          const { subscriptionId, planId, dimension, quantity } = event;
          const price = (subscriptionId && rates.of(subscriptionId, planId, dimension)?.price) || 0;
          if (quantity === null || quantity <= 0 || price <= 0 || !isBelowCent(price, quantity)) return [];
          return about(fact, event, `${quantity} of ${dimension} was reported, which is less than a cent at ${price} each.`);
        });
      },
    };
  },
};

const isBelowCent = (price: number, quantity: number): boolean => decimalOf(price).times(decimalOf(quantity)).lt(cent);
const cent = '0.01';
