import { z } from 'zod';
import type { JsonSchema } from '../json-schema';
import { catalogId } from './catalog.id';
import { referenceProblems, type CatalogProblem } from './catalog.references';
import { DIMENSIONS_PER_OFFER, dimensionProblems, meterProblems, meterSchema } from './meters.schema';

/** What a catalog may hold at most. Microsoft publishes no more than 100 plans of an offer (contract 1.4). */
export const catalogLimits = {
  publishers: 100,
  offersPerPublisher: 1_000,
  plansPerOffer: 100,
  dimensionsPerOffer: DIMENSIONS_PER_OFFER,
  nameLength: 200,
  urlLength: 500,
} as const;

/** The most seats that Microsoft sells of a plan (contract 1.4). */
const MOST_SEATS = 1_000_000;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

const displayName = z
  .string()
  .regex(/\S/, 'must be a name that can be read')
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must be one line, without control characters and halves of letters') // it goes into reasons, tables and topics
  .max(catalogLimits.nameLength, `must have at most ${catalogLimits.nameLength} characters`);
const seatCount = z
  .int()
  .min(1, 'must be at least 1')
  .max(MOST_SEATS, `must be at most ${MOST_SEATS}, the most seats that Microsoft sells`);

const seats = z
  .strictObject({
    min: seatCount.optional().describe('The fewest seats of the plan. Left out: no lower limit of ours.'),
    max: seatCount.optional().describe('The most seats of the plan. Left out: no upper limit of ours.'),
  })
  .refine(({ min, max }) => min === undefined || max === undefined || min <= max, { path: ['max'], error: 'must not be less than min' });

const plan = z
  .strictObject({
    displayName: displayName.optional().describe('What customers are shown. Left out: the name that Microsoft shows of the plan.'),
    activation: z
      .enum(['on-confirm', 'on-approval'])
      .default('on-confirm')
      .describe('Whether a purchase is activated once its customer has confirmed it, or waits for an operator to approve it.'),
    seats: seats
      .optional()
      .describe('Seat limits of ours, within those of Partner Center. They do not hold for a private offer, which has its own.'),
    mayMoveTo: z
      .array(catalogId)
      .max(catalogLimits.plansPerOffer)
      .optional()
      .describe('The plans of the offer to which this one may be changed. An empty list: to none. Left out: to all.'),
    meters: bounded(meterSchema, DIMENSIONS_PER_OFFER, 'meters')
      .optional()
      .describe('What the product counts of this plan, each with the dimension by which Microsoft bills it.'),
  })
  .superRefine((value, context) => tell(context, meterProblems(value)), { when: () => true });

const veto = z.strictObject({
  url: z
    .url('must be an address like https://product.example/veto')
    .max(catalogLimits.urlLength, `must have at most ${catalogLimits.urlLength} characters`)
    .refine(isAllowedAddress, 'must be an https address without user and password (plain http only towards localhost)')
    .describe('Where the product is asked whether a subscription may change. https; plain http towards localhost alone.'),
  whenSilent: z.enum(['accept', 'refuse']).describe('What becomes of a change when the product does not answer in time.'),
});

const offer = z
  .strictObject({
    displayName: displayName.describe('What customers are shown: Microsoft tells nobody the name of an offer.'),
    noDowngrade: z
      .array(catalogId)
      .min(2, 'must name two plans or more, from the lowest to the highest')
      .max(catalogLimits.plansPerOffer)
      .optional()
      .describe(
        'Plans from the lowest to the highest: a change to one that stands further up in the list is refused. Others are not compared.',
      ),
    veto: veto.optional().describe('The product has a say in each change of plan or seats.'),
    plans: bounded(plan, catalogLimits.plansPerOffer, 'plans'),
  })
  .superRefine(
    (value, context) => tell(context, [...referenceProblems(value), ...dimensionProblems(value)]),
    { when: () => true }, // also beside other faults: whoever corrects the file wants to do it once
  );

/**
 * The business configuration of an installation: what each publisher sells, as far as Landfall has to know more of it than Microsoft tells.
 * Keyed by publisher, offer and plan, with the ids of Partner Center. It knows no other members: one that is misspelt is a fault, never
 * passed over.
 */
export const catalogSchema = z.strictObject({
  publishers: bounded(
    z.strictObject({ offers: bounded(offer, catalogLimits.offersPerPublisher, 'offers') }),
    catalogLimits.publishers,
    'publishers',
  ),
});

export type Catalog = z.output<typeof catalogSchema>;
export type CatalogOffer = z.output<typeof offer>;
export type CatalogPlan = z.output<typeof plan>;

/** The JSON Schema of a catalog file, for editors: what may be written, with its meaning. */
export function catalogJsonSchema(): JsonSchema {
  const { $schema, ...schema } = z.toJSONSchema(catalogSchema, { io: 'input', target: 'draft-7' }) as JsonSchema;
  return { $schema, title: 'The catalog of Landfall', ...schema };
}

function bounded<T extends z.ZodType>(value: T, most: number, what: string) {
  return z.record(catalogId, value).refine((entries) => Object.keys(entries).length <= most, `must have at most ${most} ${what}`);
}

function tell(context: z.RefinementCtx, problems: readonly CatalogProblem[]): void {
  for (const { path, message } of problems) context.addIssue({ code: 'custom', path, message, input: undefined });
}

function isAllowedAddress(text: string): boolean {
  if (!URL.canParse(text)) return true; // told already
  const { protocol, hostname, username, password } = new URL(text);
  return (protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname))) && username === '' && password === '';
}
