import { z } from 'zod';
import { federatedAudience } from '../../applications/credentials';
import { isGuid } from '../../guid';

const guid = z.string().refine(isGuid, 'must be a GUID');
const moment = z.iso.datetime({ offset: true, error: 'must be a time like 2026-01-31T12:00:00Z' }).nullable();
const secret = z.string().min(1).max(200);

const changeable = {
  /** False: not let in, every call of it is refused. */
  publishedToPreview: z.boolean().optional(),
  /** False: its tokens carry no `oid`. */
  servicePrincipal: z.boolean().optional(),
  /** The tenant that Technical configuration names, where it is the wrong one; null: the application's own. */
  technicalTenantId: guid.nullable().optional(),
  /** When its secrets end, in real time; null: never. */
  secretExpiresAt: moment.optional(),
};

export const applicationSchemas = {
  registration: z.strictObject({ clientId: guid.optional(), tenantId: guid.optional(), secret: secret.optional(), ...changeable }),
  change: z.strictObject(changeable),
  secret: z.strictObject({ secret: secret.optional(), expiresAt: moment.optional() }),
  certificate: z.strictObject({ certificate: z.string().min(1).max(20_000) }),
  federatedCredential: z.strictObject({
    issuer: z.string().min(1).max(600),
    subject: z.string().min(1).max(600),
    audience: z.string().min(1).max(600).default(federatedAudience),
    jwk: z
      .looseObject({ kty: z.literal('RSA'), n: z.string(), e: z.string() })
      .pipe(z.object({ kty: z.literal('RSA'), n: z.string(), e: z.string() })),
  }),
} as const;
