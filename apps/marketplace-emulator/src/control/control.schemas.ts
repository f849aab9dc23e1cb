import { z } from 'zod';
import { isGuid } from '../guid';
import { limits } from '../limits';
import { mostSeats, termUnits } from '../offers/offer';
import { includedQuantity, price } from '../offers/offer.input';
import { settingsSchema } from '../settings/settings';
import { partyMembers, type PartyMember } from '../subscription/subscription';

const guid = z.string().refine(isGuid, 'must be a GUID');
const address = z
  .string()
  .max(320)
  .regex(/^[^\s@]+@[^\s@]+$/, 'must be an address like name@example.com');

const person = z.strictObject({
  objectId: guid.optional(),
  tenantId: guid.optional(),
  organisation: z.string().min(1).max(200).optional(),
  displayName: z.string().min(1).max(200).optional(),
  emailId: address.optional(),
  puid: z.string().max(40).nullable().optional(),
  mailbox: z.boolean().optional(),
  roles: z.array(z.string().min(1).max(120)).max(20).optional(),
});

/** An existing person, by object id, or the data of a new one. */
const party = z.union([guid, person], {
  error: 'must be the object id of a known person, or {objectId?, tenantId?, emailId?, displayName?, organisation?, puid?}',
});

const seats = z.int().min(1).max(mostSeats);

const partyPaths = (['beneficiary', 'purchaser'] as const).flatMap((role) =>
  partyMembers.map((member): PartyMember => `${role}.${member}`),
);
const membersOfParties = z.array(z.enum(partyPaths)).max(partyPaths.length).optional();

/** The bodies of the control API. Unknown members are refused, so that a typing error does not go unnoticed. */
export const controlSchemas = {
  purchase: z.strictObject({
    offerId: z.string().optional(),
    planId: z.string().optional(),
    quantity: seats.optional(),
    termUnit: z.enum(termUnits).optional(),
    name: z.string().min(1).max(200).optional(),
    beneficiary: party.optional(),
    purchaser: party.optional(),
    channel: z.enum(['direct', 'csp']).optional(),
    autoActivate: z.boolean().optional(),
    trial: z.boolean().optional(),
    preview: z.boolean().optional(),
    privateOffer: z
      .strictObject({
        externalId: guid.optional(),
        seats: z.strictObject({ min: seats.optional(), max: seats.nullable().optional() }).optional(),
        discountPercent: z.int().min(0).max(100).optional(),
        price: price.optional(),
        meteringDimensions: z
          .array(z.strictObject({ id: z.string(), pricePerUnit: price }))
          .max(limits.dimensionsPerOffer)
          .optional(),
        meteredQuantityIncluded: z.array(includedQuantity).max(limits.dimensionsPerOffer).optional(),
        expiresAt: z.iso.datetime().optional(),
      })
      .optional(),
    notStarted: z.boolean().optional(),
    isTest: z.boolean().optional(),
    sessionMode: z.enum(['None', 'DryRun']).optional(),
    sandboxType: z.enum(['None', 'Csp']).optional(),
    missing: membersOfParties,
    empty: membersOfParties,
  }),
  changePlan: z.strictObject({ planId: z.string().min(1).max(50) }),
  changeQuantity: z.strictObject({ quantity: seats }),
  nothing: z.strictObject({}),
  settings: settingsSchema
    .partial()
    .refine((changes) => (changes.listPageSizeMin ?? 1) <= (changes.listPageSizeMax ?? 1_000), 'listPageSizeMin is above listPageSizeMax'),
  rotation: z.strictObject({ withdrawOld: z.boolean().optional() }),
  person,
  list: z.strictObject({
    subscriptionId: guid.optional(),
    limit: z.coerce.number().int().min(1).max(limits.controlPageEntries).optional(),
    from: z.coerce.number().int().min(0).optional(),
  }),
} as const;

export type PurchaseBody = z.infer<typeof controlSchemas.purchase>;
export type PartyBody = z.infer<typeof party>;

/** A wrong body or query, with the problem of each field. */
export class ControlInputError extends Error {
  constructor(
    message: string,
    readonly problems: { field: string; problem: string }[] = [],
  ) {
    super(message);
  }
}

export function parsed<S extends z.ZodType>(schema: S, input: unknown): z.infer<S> {
  const result = schema.safeParse(input ?? {});
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => ({ field: issue.path.join('.') || '(body)', problem: issue.message }));
  throw new ControlInputError(problems.map(({ field, problem }) => `${field}: ${problem}`).join('; '), problems);
}
