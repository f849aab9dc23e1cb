import { runService } from '@landfall/service-defaults';
import { AppModule } from './app.module';
import { config } from './gateway.config';
import { configurePublicEndpoint, publicServer } from './public-endpoint';

void runService({
  name: 'gateway',
  module: AppModule,
  config,
  publicPort: (values) => values.PORT,
  configure: configurePublicEndpoint,
  publicServer,
});
