import type { AdapterName } from '../tenant/tenant';
import type { Adapter } from './adapter';
import { kafkaAdapter } from './kafka.adapter';
import { noneAdapter } from './none.adapter';

/** Every way in which a product gives tenants, by the name that the configuration uses. */
export const adapters: Record<AdapterName, Adapter> = { none: noneAdapter, kafka: kafkaAdapter };
