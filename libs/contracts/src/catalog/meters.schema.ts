import { z } from 'zod';
import { catalogId } from './catalog.id';
import { listOf, objectOf, type CatalogProblem } from './catalog.references';

/** Microsoft publishes no more dimensions of an offer (contract 1.4), and each belongs to one meter of a plan. */
export const DIMENSIONS_PER_OFFER = 30;

/** The end of a tier, in units. Below it a quantity with six digits behind the point is exact. */
const MOST_UNITS = 1_000_000_000;

const tier = z.strictObject({
  dimension: catalogId.describe('The dimension by which Microsoft bills what lies in this tier.'),
  upTo: z
    .int()
    .min(1, 'must be at least 1')
    .max(MOST_UNITS, `must be at most ${MOST_UNITS}`)
    .optional()
    .describe('Where the tier ends, counted over all use of the term. The last tier has no end.'),
});

/** One meter of a plan: the dimension by which Microsoft bills it, or one for each graduated tier. */
export const meterSchema = z
  .strictObject({
    dimension: catalogId.optional().describe('The dimension by which Microsoft bills the meter, as the plan has it in Partner Center.'),
    tiers: z
      .array(tier)
      .min(2, 'must name two tiers or more: a meter with one price has a dimension')
      .max(DIMENSIONS_PER_OFFER)
      .optional()
      .describe('Graduated tiers in the place of the one dimension, from the first unit of a term on.'),
  })
  .meta({ oneOf: [{ required: ['dimension'] }, { required: ['tiers'] }] });

/** What the meters of a plan say and cannot be. It passes over what is of another kind, as `referenceProblems` does. */
export function meterProblems(plan: unknown): CatalogProblem[] {
  const entries = Object.entries(objectOf(objectOf(plan)['meters']));
  const problems = [...entries.flatMap(([name, meter]) => problemsOf(name, objectOf(meter))), ...repeatedDimensions(entries)];
  return problems.map(({ path, message }) => ({ path: ['meters', ...path], message }));
}

/** More dimensions than the offer can have. */
export function dimensionProblems(offer: unknown): CatalogProblem[] {
  const plans = Object.values(objectOf(objectOf(offer)['plans']));
  const meters = plans.flatMap((plan) => Object.entries(objectOf(objectOf(plan)['meters'])));
  const { size } = new Set(meters.flatMap(([name, meter]) => namedBy(name, meter)).map(({ dimension }) => dimension));
  if (size <= DIMENSIONS_PER_OFFER) return [];
  return [{ path: ['plans'], message: `name ${size} dimensions: an offer has at most ${DIMENSIONS_PER_OFFER} at Microsoft` }];
}

function problemsOf(name: string, meter: Record<string, unknown>): CatalogProblem[] {
  const { dimension, tiers } = meter;
  if (dimension === undefined && tiers === undefined)
    return [{ path: [name], message: 'must have a dimension, or tiers with one dimension each' }];
  if (dimension !== undefined && tiers !== undefined)
    return [{ path: [name, 'tiers'], message: 'stands beside dimension: a meter has one of the two' }];
  return tierProblems(listOf(tiers), [name, 'tiers']);
}

function tierProblems(tiers: readonly unknown[], path: (string | number)[]): CatalogProblem[] {
  const ends = tiers.map((each) => objectOf(each)['upTo']);
  return ends.flatMap((end, index): CatalogProblem[] => {
    const before = index === 0 ? undefined : ends[index - 1];
    if (index === ends.length - 1)
      return end === undefined ? [] : [{ path: [...path, index, 'upTo'], message: 'must be left out: the last tier has no end' }];
    if (end === undefined) return [{ path: [...path, index], message: 'must have upTo: only the last tier has no end' }];
    if (typeof end !== 'number' || typeof before !== 'number' || end > before) return [];
    return [{ path: [...path, index, 'upTo'], message: `must be more than ${before}, where the tier before it ends` }];
  });
}

/** Usage of a dimension would otherwise be of two meters, and nobody could tell which of them used an included quantity up. */
function repeatedDimensions(meters: readonly (readonly [string, unknown])[]): CatalogProblem[] {
  const first = new Map<string, string>();
  return meters.flatMap(([name, meter]) =>
    namedBy(name, meter).flatMap(({ dimension, path }): CatalogProblem[] => {
      const owner = first.get(dimension);
      if (owner === undefined) first.set(dimension, name);
      return owner === undefined ? [] : [{ path, message: `names the dimension "${dimension}", which meter "${owner}" has already` }];
    }),
  );
}

function namedBy(name: string, meter: unknown): { dimension: string; path: (string | number)[] }[] {
  const { dimension, tiers } = objectOf(meter);
  return [
    { dimension, path: [name, 'dimension'] },
    ...listOf(tiers).map((each, index) => ({ dimension: objectOf(each)['dimension'], path: [name, 'tiers', index, 'dimension'] })),
  ].filter((named): named is { dimension: string; path: (string | number)[] } => typeof named.dimension === 'string');
}
