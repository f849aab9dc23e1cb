import { migrate } from '@landfall/service-defaults';
import { config } from './fulfillment.config';
import { migrations } from './fulfillment.migrations';

void migrate({ config, schema: 'fulfillment', migrations });
