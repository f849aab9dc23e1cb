import type { DataOf, provisioningRequested } from '@landfall/contracts';

/**
 * The states of a subscription's tenant.
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

export type AdapterName = 'none' | 'kafka';

/** What may happen to a tenant, and what follows from it. Elsewhere it changes nothing. */
interface Reactions {
  /** The subscription service asks for a tenant. After the end there is nothing to ask for (rule 3). */
  readonly request: 'provision' | 'answer-again' | 'running' | 'ended';
  /** The product says that the tenant is ready. */
  readonly ready: 'accept' | 'take-back' | 'ignore';
  /** The product says that it could not make the tenant. */
  readonly failed: 'accept' | 'ignore';
  /** The product says that it has taken the tenant back. */
  readonly released: 'accept' | 'ignore';
  /** The subscription is suspended or reinstated. */
  readonly lock: 'set' | 'ended';
  /** The subscription ends. Nothing follows it, so it is never older than anything (rule 3). */
  readonly end: 'end' | 'take-back' | 'take-back-if-unused' | 'ended';
}

/** State → what happens → what follows. */
export const reactions: Readonly<Record<TenantState, Reactions>> = {
  awaited: { request: 'provision', ready: 'ignore', failed: 'ignore', released: 'ignore', lock: 'set', end: 'end' },
  requested: { request: 'running', ready: 'accept', failed: 'accept', released: 'ignore', lock: 'set', end: 'take-back' },
  ready: { request: 'answer-again', ready: 'ignore', failed: 'ignore', released: 'ignore', lock: 'set', end: 'take-back-if-unused' },
  // The product may make a tenant after it has failed, or have made it all the same.
  failed: { request: 'provision', ready: 'accept', failed: 'ignore', released: 'ignore', lock: 'set', end: 'take-back' },
  // The product reads the release after the request, so an answer to the request needs no second release.
  releasing: { request: 'ended', ready: 'ignore', failed: 'ignore', released: 'accept', lock: 'ended', end: 'ended' },
  released: { request: 'ended', ready: 'take-back', failed: 'ignore', released: 'ignore', lock: 'ended', end: 'ended' },
  unreleased: { request: 'ended', ready: 'take-back', failed: 'ignore', released: 'accept', lock: 'ended', end: 'ended' },
  ended: { request: 'ended', ready: 'ignore', failed: 'ignore', released: 'ignore', lock: 'ended', end: 'ended' },
};

/** What was ordered for the subscription, kept so that the product can be asked again. */
export interface Order extends Pick<
  DataOf<typeof provisioningRequested>,
  'publisherId' | 'offerId' | 'isPreview' | 'planId' | 'quantity' | 'beneficiary'
> {
  readonly adapter: AdapterName;
  /** The product answers with it. It is the id of the message that asked for the tenant. */
  readonly requestId: string;
}

/** The tenant of a subscription: its row, as it is read and written. */
export interface Tenant {
  readonly subscriptionId: string;
  readonly state: TenantState;
  /** The newest version of the subscription that a message of any topic brought. What is older is dropped. */
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
}

/** What was done when. The rows explain how a tenant came to its state, and are never changed. */
export interface Step {
  readonly step:
    | 'lock-set'
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

/**
 * What `load` hands to the decisions and the decisions to `save`: a tenant as it is now, and the steps that are to be written beside its
 * row. If several messages of a batch are about one tenant, each decision goes on with the change that the one before it left.
 */
export interface TenantChange<T extends Tenant = Tenant> {
  readonly tenant: T;
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
export const unknownTenant = (subscriptionId: string): Tenant => ({
  subscriptionId,
  state: 'awaited',
  version: 0,
  isLocked: false,
  order: null,
  tenantReference: null,
  attempts: 0,
  waitingSince: null,
  lastFailure: null,
});

/** A tenant to which nothing has happened in this transaction. */
export const unchanged = <T extends Tenant>(tenant: T): TenantChange<T> => ({ tenant, newSteps: [] });

/** Sets what needs no step to explain it. */
export const set = <T extends Tenant, Patch extends Partial<Tenant>>(
  { tenant, newSteps }: TenantChange<T>,
  patch: Patch,
): TenantChange<T & Patch> => ({ tenant: { ...tenant, ...patch }, newSteps });

/** Applies a change of the tenant, together with the step that explains it. */
export function apply<T extends Tenant>(
  change: TenantChange<T>,
  step: Step['step'],
  at: Date,
  patch: Partial<Tenant>,
  reason: string | null = null,
): TenantChange<T> {
  const tenant = { ...change.tenant, ...patch };
  return { tenant, newSteps: [...change.newSteps, { step, at, version: tenant.version, reason }] };
}

/** The same change, where somebody asked for the tenant. */
export function orderedOf(change: TenantChange | undefined): TenantChange<OrderedTenant> | undefined {
  const order = change?.tenant.order;
  return change && order ? { ...change, tenant: { ...change.tenant, order } } : undefined;
}
