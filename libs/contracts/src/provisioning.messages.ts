import { z } from 'zod';
import { erasedContact, lines, person, reason, tenantReference, uuid } from './shapes';
import { defineMessage } from './message';

const request = {
  subscriptionId: uuid,
  /** Answer with it. The same request may come again: the tenant is made once. */
  requestId: uuid,
  version: z.int(),
};

/** To the product: make a tenant. Answer `tenant-ready` or `tenant-failed` on the replies topic, under the same key. */
export const tenantRequested = defineMessage(
  'landfall.provisioning.tenant-requested.v1',
  z.object({
    ...request,
    publisherId: z.string(),
    offerId: z.string(),
    isPreview: z.boolean(),
    planId: z.string(),
    quantity: z.int().positive().nullable(),
    beneficiary: person,
    /** Suspended meanwhile: finish the tenant, but locked. */
    isLocked: z.boolean(),
  }),
);
/** To the product: the subscription ended before its tenant was used, take the tenant back. */
export const tenantReleaseRequested = defineMessage('landfall.provisioning.tenant-release-requested.v1', z.object({ ...request, reason }));

/** From the product: the tenant works. Only say so when a customer could sign in. */
export const tenantReady = defineMessage(
  'landfall.provisioning.tenant-ready.v1',
  z.object({ subscriptionId: uuid, requestId: uuid, tenantReference: tenantReference.nullable() }),
);
/** From the product: the tenant can't be made. `isRetriable` asks for another request later. */
export const tenantFailed = defineMessage(
  'landfall.provisioning.tenant-failed.v1',
  z.object({ subscriptionId: uuid, requestId: uuid, reason: lines.max(1000), isRetriable: z.boolean() }),
);
/** From the product: the tenant is gone. */
export const tenantReleased = defineMessage(
  'landfall.provisioning.tenant-released.v1',
  z.object({ subscriptionId: uuid, requestId: uuid }),
);

/** The tenant of a subscription is there. */
export const tenantProvisioned = defineMessage(
  'landfall.provisioning.tenant-provisioned.v1',
  z.object({ subscriptionId: uuid, version: z.int(), tenantReference: tenantReference.nullable(), adapter: z.string().max(40) }),
);
/** The tenant could not be made and nobody tries again by itself: an operator is needed (rule 10). */
export const tenantProvisioningFailed = defineMessage(
  'landfall.provisioning.tenant-provisioning-failed.v1',
  z.object({ subscriptionId: uuid, version: z.int(), reason }),
);
/** A tenant that came too late was taken back (rule 3). */
export const tenantTakenBack = defineMessage('landfall.provisioning.tenant-taken-back.v1', z.object({ subscriptionId: uuid, reason }));

/** This service has erased what it stored of a person's contact data. */
export const provisioningContactErased = defineMessage('landfall.provisioning.contact-erased.v1', z.object(erasedContact), 'erasureId');
