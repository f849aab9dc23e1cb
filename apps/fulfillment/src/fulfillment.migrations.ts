import { messagingMigrations } from '@landfall/messaging';
import { CreateFulfillment1760000000001 } from './create-fulfillment.migration';

/** Everything that the schema of this service consists of, in the order in which it was added. */
export const migrations = [...messagingMigrations('fulfillment'), CreateFulfillment1760000000001];
