import { migrate } from '@landfall/service-defaults';
import { migrations, schema } from './migrations';
import { config } from './billing.config';

void migrate({ config, schema, migrations });
