import { messagingMigrations } from '@landfall/messaging';
import { CreateGateway1760000000001 } from './create-gateway.migration';

export const schema = 'gateway';

/** In the order in which they run. */
export const migrations = [...messagingMigrations(schema), CreateGateway1760000000001];
