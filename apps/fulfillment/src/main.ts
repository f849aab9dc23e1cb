import { runService } from '@landfall/service-defaults';
import { AppModule } from './app.module';
import { config } from './fulfillment.config';

void runService({ name: 'fulfillment', module: AppModule, config });
