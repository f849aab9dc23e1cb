import type { Outcome } from '@landfall/messaging';
import { kafkaAdapter } from './kafka.adapter';
import { noneAdapter } from './none.adapter';
import type { AdapterName, OrderedTenant, Tenant, Terms } from '../tenant/tenant.state';

/** How a kind of product gives tenants and takes them back. Pure: what is to happen outside is returned as messages and jobs. */
export interface Adapter {
  /** Makes the tenant, or asks the product for it. */
  provision(tenant: OrderedTenant, terms: Terms): Outcome<Tenant>;
  /** Takes back a tenant that nobody will use: one that is there, or one that may still come. */
  takeBack(tenant: OrderedTenant, terms: Terms): Outcome<Tenant>;
}

export const adapters: Record<AdapterName, Adapter> = { none: noneAdapter, kafka: kafkaAdapter };
