import { migrate } from '@landfall/service-defaults';
import { migrations } from './migrations';
import { config } from './provisioning.config';

void migrate({ config, schema: 'provisioning', migrations });
