import { messagingMigrations } from '@landfall/messaging';
import { CreateSubscriptions1760000000001 } from './subscription/create-subscriptions.migration';

export const schema = 'subscription';

/** In the order in which they run. */
export const migrations = [...messagingMigrations(schema), CreateSubscriptions1760000000001];
