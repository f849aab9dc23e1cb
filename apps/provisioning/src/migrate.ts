import { messagingMigrations } from '@landfall/messaging';
import { migrate } from '@landfall/service-defaults';
import { CreateTenants1760000000001 } from './tenant/create-tenants.migration';
import { config } from './provisioning.config';

void migrate({ config, schema: 'provisioning', migrations: [...messagingMigrations('provisioning'), CreateTenants1760000000001] });
