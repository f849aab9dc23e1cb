import { catalogSchema } from '@landfall/contracts';
import { parse } from 'yaml';
import { catalogText } from './catalog-file';

const plans = [
  { planId: '2024', displayName: 'Silver: the "first" # one', meteringDimensions: [] },
  { planId: 'gold', displayName: 'Göld', meteringDimensions: [{ id: 'emails' }, { id: 'texts' }] },
];

describe('the catalog of a laptop', () => {
  it('names the offers, plans and meters of each publisher, and has no rule', () => {
    const offers = [
      { publisherId: 'contoso', offerId: 'team', displayName: 'Contoso Team', plans },
      { publisherId: 'fabrikam', offerId: 'team', displayName: '{', plans },
      { publisherId: 'contoso', offerId: 'mail', displayName: 'Contoso Mail', plans },
    ];
    const meters = { emails: { dimension: 'emails' }, texts: { dimension: 'texts' } };
    const named = { '2024': { displayName: 'Silver: the "first" # one' }, gold: { displayName: 'Göld', meters } };
    const written: unknown = parse(catalogText(offers, '../catalog.schema.json'));
    expect(written).toEqual({
      publishers: {
        contoso: {
          offers: { team: { displayName: 'Contoso Team', plans: named }, mail: { displayName: 'Contoso Mail', plans: named } },
        },
        fabrikam: { offers: { team: { displayName: '{', plans: named } } },
      },
    });
  });

  it('is one that services take', () => {
    const offer = { publisherId: 'contoso', offerId: 'team', displayName: 'Contoso Team', plans };
    for (const offers of [[], [offer]]) expect(catalogSchema.safeParse(parse(catalogText(offers, 'x'))).error).toBeUndefined();
  });
});
