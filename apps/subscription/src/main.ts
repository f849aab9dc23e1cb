import { runService } from '@landfall/service-defaults';
import { AppModule } from './app.module';
import { config } from './subscription.config';

void runService({ name: 'subscription', module: AppModule, config });
