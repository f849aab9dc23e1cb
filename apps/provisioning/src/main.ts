import { runService } from '@landfall/service-defaults';
import { AppModule } from './app.module';
import { config } from './provisioning.config';

void runService({ name: 'provisioning', module: AppModule, config });
