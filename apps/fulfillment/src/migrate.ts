import { migrate } from '@landfall/service-defaults';
import { config } from './fulfillment.config';
import { migrations, schema } from './migrations';

void migrate({ config, schema, migrations });
