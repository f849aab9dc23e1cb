import { runService } from '@landfall/service-defaults';
import { AppModule } from './app.module';
import { config } from './billing.config';
import { takeEventsAsBytes } from './usage/usage.requests';

void runService({ name: 'billing', module: AppModule, config, configure: takeEventsAsBytes });
