import { messagingMigrations } from '@landfall/messaging';
import { CreateTenants1760000000001 } from './tenant/create-tenants.migration';

/** In the order in which they run. */
export const migrations = [...messagingMigrations('provisioning'), CreateTenants1760000000001];
