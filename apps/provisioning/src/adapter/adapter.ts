import type { Outcome } from '@landfall/messaging';
import type { OrderedTenant, TenantChange, Terms } from '../tenant/tenant';

/** How a kind of product gives tenants and takes them back. Pure: what is to happen outside is returned as messages and jobs. */
export interface Adapter {
  /** Makes the tenant, or asks the product for it. */
  provision(change: TenantChange<OrderedTenant>, terms: Terms): Outcome<TenantChange>;
  /** Takes back a tenant that nobody will use: one that is there, or one that may still come. */
  takeBack(change: TenantChange<OrderedTenant>, terms: Terms): Outcome<TenantChange>;
}
