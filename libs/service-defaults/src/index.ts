export { Actor } from './actor.decorator';
export { AuthorityKeys, KeysUnreachable } from './authority.keys';
export { Clock } from './clock';
export { defineConfig, type Config, type Environment, type Shape, type ValuesOf } from './config';
export { ConfigurationInvalid } from './config.errors';
export { isDatabaseOutage } from './database';
export { HEALTH_REGISTRY, HealthRegistry, type HealthCheck, type HealthKind, type HealthReport } from './health';
export { Keyring } from './keyring';
export { KeyMissing, SealBroken } from './keyring.errors';
export { createKeyring, withNextKey, type JWKSet, type KeyKind } from './keyring.file';
export { register } from './metrics';
export { applyMigrations, migrate, type MigrationClass, type MigrationPlan } from './migrate';
export { MigrationImpossible } from './migration.errors';
export { OperatorGuard } from './operator.guard';
export { Public } from './public.decorator';
export { OPERATOR_ROLES, RequiresRole, type OperatorRole } from './roles.decorator';
export { runService } from './run-service';
export { ServiceModule } from './service.module';
export { serviceSettings, type ServiceValues } from './service.settings';
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
} from './setting';
export { startService, TRANSPORT, type RunningService, type ServiceOptions } from './start-service';
