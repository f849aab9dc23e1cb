import type { Outcome } from '@landfall/messaging';
import { kafkaAdapter } from './kafka.adapter';
import { noneAdapter } from './none.adapter';
import type { AdapterName, OrderedTenant, TenantChange, Terms } from '../tenant/tenant';

/** How a kind of product gives tenants and takes them back. Pure: what is to happen outside is returned as messages and jobs. */
export interface Adapter {
  /** Makes the tenant, or asks the product for it. */
  provision(change: TenantChange<OrderedTenant>, terms: Terms): Outcome<TenantChange>;
  /** Takes back a tenant that nobody will use: one that is there, or one that may still come. */
  takeBack(change: TenantChange<OrderedTenant>, terms: Terms): Outcome<TenantChange>;
}

export const adapters: Record<AdapterName, Adapter> = { none: noneAdapter, kafka: kafkaAdapter };
