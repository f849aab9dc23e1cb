import { membersOf } from '../../../metering/usage/usage.reading';
import { BoundedMap } from '../../bounded.map';
import type { CallEnded } from '../../fact';

/** What a dimension of a plan costs one subscription, and in the terms of which units it is included without limit. */
export interface ShownRate {
  price: number | null;
  unlimitedIn: readonly string[];
  /** Of all terms that the plan is sold for. */
  termUnits: readonly string[];
}

/** How Microsoft may write a quantity without limit: which one it is, is unverified (contract 6.3, 4). */
const unlimited: readonly unknown[] = ['unlimited', '-1', ''];

/** What the lists of plans have told the publisher of prices and included quantities (contract 3.7). */
export class ShownRates {
  private readonly rates = new BoundedMap<ShownRate>();

  of(subscriptionId: string, planId: string, dimension: string): ShownRate | undefined {
    return this.rates.get(keyOf(subscriptionId, planId, dimension));
  }

  answered({ route, status, faultId, answer, subscriptionId }: CallEnded): void {
    if (route !== 'listAvailablePlans' || status !== 200 || faultId || subscriptionId === null) return;
    for (const plan of listIn(membersOf(answer)['plans'])) this.shown(subscriptionId, membersOf(plan));
  }

  private shown(subscriptionId: string, { planId, planComponents }: Record<string, unknown>): void {
    const { meteringDimensions, recurrentBillingTerms } = membersOf(planComponents);
    const terms = listIn(recurrentBillingTerms).map(membersOf);
    for (const { id, pricePerUnit } of listIn(meteringDimensions).map(membersOf)) {
      const isUnlimited = ({ meteredQuantityIncluded }: Record<string, unknown>) =>
        listIn(meteredQuantityIncluded)
          .map(membersOf)
          .some(({ dimensionId, units }) => dimensionId === id && unlimited.includes(units));
      this.rates.set(keyOf(subscriptionId, String(planId), String(id)), {
        price: typeof pricePerUnit === 'number' ? pricePerUnit : null,
        unlimitedIn: terms.filter(isUnlimited).map(({ termUnit }) => String(termUnit)),
        termUnits: terms.map(({ termUnit }) => String(termUnit)),
      });
    }
  }
}

const keyOf = (...parts: string[]): string => JSON.stringify(parts);
const listIn = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
