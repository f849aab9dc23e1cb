import { migrate } from '@landfall/service-defaults';
import { migrations, schema } from './migrations';
import { config } from './subscription.config';

void migrate({ config, schema, migrations });
