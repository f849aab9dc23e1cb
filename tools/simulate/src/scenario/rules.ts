import { catalogSchema, emptyCatalog, type Catalog } from '@landfall/contracts';
import type { Chance } from '../chance';
import { offerId, publisherId } from '../microsoft/members';

/**
 * What the catalog says. `none`: it names no offer, and nothing is refused. `limits`: seats of one plan, and which plan may follow another. `accept when silent`, `refuse when silent`: the
 * product has a say as well. `approval`: purchases wait for an operator.
 */
export type Rules = 'none' | 'limits' | 'accept when silent' | 'refuse when silent' | 'approval';

const catalogOf = (offer: object): Catalog =>
  catalogSchema.parse({ publishers: { [publisherId]: { offers: { [offerId]: { displayName: 'CRM', ...offer } } } } });

const plans = { A: { seats: { max: 8 } }, B: { mayMoveTo: ['C'] }, C: {} };
const activation = 'on-approval';
const veto = { url: 'https://product.example/veto' };

export const catalogs: Readonly<Record<Rules, Catalog>> = {
  none: emptyCatalog,
  limits: catalogOf({ plans }),
  'accept when silent': catalogOf({ plans, veto: { ...veto, whenSilent: 'accept' } }),
  'refuse when silent': catalogOf({ plans, veto: { ...veto, whenSilent: 'refuse' } }),
  approval: catalogOf({ plans: { A: { activation }, B: { activation }, C: { activation } } }),
};

export function drawnRules(chance: Chance): Rules {
  const share = chance('rules');
  if (share < 0.3) return 'none';
  if (share < 0.5) return 'limits';
  if (share < 0.65) return 'accept when silent';
  return share < 0.8 ? 'refuse when silent' : 'approval';
}
