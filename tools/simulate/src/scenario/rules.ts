import { catalogSchema, emptyCatalog, type Catalog } from '@landfall/contracts';
import type { Chance } from '../chance';
import { offerId, publisherId } from '../microsoft/members';

/** What the catalog has against changes. `none`: it names no offer, and nothing is refused. `limits`: seats of one plan, and which plan may follow another. */
export type Rules = 'none' | 'limits';

const catalogOf = (offer: object): Catalog =>
  catalogSchema.parse({ publishers: { [publisherId]: { offers: { [offerId]: { displayName: 'CRM', ...offer } } } } });

const limits = { A: { seats: { max: 8 } }, B: { mayMoveTo: ['C'] }, C: {} };

export const catalogs: Readonly<Record<Rules, Catalog>> = { none: emptyCatalog, limits: catalogOf({ plans: limits }) };

export function drawnRules(chance: Chance): Rules {
  return chance('rules') < 0.5 ? 'none' : 'limits';
}
