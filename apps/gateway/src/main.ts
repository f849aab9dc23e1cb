import { runService } from '@landfall/service-defaults';
import { AppModule } from './app.module';
import { config } from './gateway.config';
import { configurePublicDoor } from './public-door';

void runService({
  name: 'gateway',
  module: AppModule,
  config,
  publicPort: (values) => values.PORT,
  configure: configurePublicDoor,
  trustProxy: (values) => values.TRUSTED_PROXIES ?? [],
});
