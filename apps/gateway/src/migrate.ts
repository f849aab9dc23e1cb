import { migrate } from '@landfall/service-defaults';
import { config } from './gateway.config';
import { migrations, schema } from './migrations';

void migrate({ config, schema, migrations });
