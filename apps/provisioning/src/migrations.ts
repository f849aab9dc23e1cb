import { messagingMigrations } from '@landfall/messaging';
import { CreateTenants1760000000001 } from './tenant/create-tenants.migration';

export const schema = 'provisioning';

/** In the order in which they run. */
export const migrations = [...messagingMigrations(schema), CreateTenants1760000000001];
