export { Actor } from './http/actor.decorator';
export { IssuerKeys, KeysUnreachable } from './http/issuer.keys';
export { ageGauge } from './metrics/age.gauge';
export { Clock } from './time/clock';
export { defineConfig, type Config, type Environment, type Shape, type ValuesOf } from './config/config';
export { ConfigurationInvalid } from './config/config.errors';
export { errorCodeOf, isOutage, isRolledBackByPostgres } from './postgres/outage';
export { HealthRegistry, type HealthCheck, type HealthKind, type HealthReport } from './health/health';
export { Keyring } from './keyring/keyring';
export { KeyMissing, DecryptionFailed } from './keyring/keyring.errors';
export { createKeyring, withNextKey, type JWKSet, type KeyKind } from './keyring/keyring.file';
export { register } from './http/request.metrics';
export { applyMigrations, migrate, type MigrationClass, type MigrationPlan } from './postgres/migrate';
export { MigrationImpossible } from './postgres/migration.errors';
export { ManagementController } from './http/management.controller';
export { DescribedBy, openApiDocument } from './http/openapi';
export { PublicAdapter } from './http/public.adapter';
export { OperatorGuard } from './http/operator.guard';
export { Public } from './http/public.decorator';
export { OPERATOR_ROLES, RequiresRole, type OperatorRole } from './http/roles.decorator';
export { runService } from './start/run-service';
export { ServiceModule } from './start/service.module';
export { serviceSettings, type ServiceValues } from './config/service.settings';
export {
  address,
  count,
  flag,
  isLoopback,
  isoDuration,
  list,
  loopbackUrl,
  oneOf,
  port,
  postgresUrl,
  secret,
  url,
  type Setting,
} from './config/setting';
export { startService, TRANSPORT, type RunningService, type ServiceOptions } from './start/start-service';
