import { messagingMigrations } from '@landfall/messaging';
import { CreateFulfillment1760000000001 } from './create-fulfillment.migration';
import { CreateMetering1760000000002 } from './create-metering.migration';

export const schema = 'fulfillment';

/** In the order in which they run. */
export const migrations = [...messagingMigrations(schema), CreateFulfillment1760000000001, CreateMetering1760000000002];
