import type { DataOf, provisioningRequested } from '@landfall/contracts';

/**
 * Where the tenant of a subscription stands.
 *
 * - `awaited`: the subscription is known by its events, and nobody has asked for a tenant yet
 * - `requested`: the product was asked and has not answered
 * - `ready`: the tenant works
 * - `failed`: the product can't make it, or did not in time; an operator is needed
 * - `releasing`: the subscription ended before its tenant was used, and the product was asked to take it back
 * - `released`: the product has taken it back
 * - `unreleased`: the product did not confirm that in time; an operator is needed
 * - `ended`: the subscription is over; nothing is to be taken back
 */
export const tenantStates = ['awaited', 'requested', 'ready', 'failed', 'releasing', 'released', 'unreleased', 'ended'] as const;
export type TenantState = (typeof tenantStates)[number];

export const adapterNames = ['none', 'kafka'] as const;
export type AdapterName = (typeof adapterNames)[number];

/** What was ordered for the subscription, kept so that the product can be asked again. */
export interface Order extends Pick<
  DataOf<typeof provisioningRequested>,
  'publisherId' | 'offerId' | 'isPreview' | 'planId' | 'quantity' | 'beneficiary'
> {
  readonly adapter: AdapterName;
  /** The product answers with it. It is the id of the message that asked for the tenant. */
  readonly requestId: string;
}

/** What was done when. The rows explain how a tenant came to its state, and are never changed. */
export interface Step {
  readonly step:
    | 'noted'
    | 'requested'
    | 'asked-again'
    | 'ready'
    | 'retriable-failure'
    | 'failed'
    | 'release-requested'
    | 'released'
    | 'unreleased'
    | 'ended';
  readonly at: Date;
  readonly version: number;
  readonly reason: string | null;
}

export interface Tenant {
  readonly subscriptionId: string;
  readonly state: TenantState;
  /** The newest version of the subscription that any topic told of. What is older is dropped. */
  readonly version: number;
  /** Suspended: the tenant is to be made, but locked (rule 11). */
  readonly isLocked: boolean;
  /** Null as long as nobody asked for a tenant. */
  readonly order: Order | null;
  /** The product's own name for the tenant, such as its address. */
  readonly tenantReference: string | null;
  /** How often the product was asked for what is waited for now. */
  readonly attempts: number;
  /** Since when an answer is waited for; null where nothing is. */
  readonly waitingSince: Date | null;
  /** Why the product could not make it yet, in its own words. */
  readonly lastFailure: string | null;
  /** Steps that this transaction adds. */
  readonly newSteps: readonly Step[];
}

/** A tenant that somebody asked for. */
export type OrderedTenant = Tenant & { readonly order: Order };

/** What decisions know beside the message: how products are asked, and what time it is. */
export interface Terms {
  /** For new orders; a running one keeps the adapter that it began with. */
  readonly adapter: AdapterName;
  readonly replyTimeoutMs: number;
  readonly longestReplyTimeoutMs: number;
  readonly limitMs: number;
  readonly now: Date;
}

/** The tenant of a subscription about which nothing is known. */
export function unknownTenant(subscriptionId: string): Tenant {
  return {
    subscriptionId,
    state: 'awaited',
    version: 0,
    isLocked: false,
    order: null,
    tenantReference: null,
    attempts: 0,
    waitingSince: null,
    lastFailure: null,
    newSteps: [],
  };
}

/** The tenant after a change, with the step that explains it. */
export function stepped<T extends Tenant>(
  tenant: T,
  step: Step['step'],
  at: Date,
  change: Partial<Tenant>,
  reason: string | null = null,
): T {
  const next = { ...tenant, ...change };
  return { ...next, newSteps: [...tenant.newSteps, { step, at, version: next.version, reason }] };
}
