import './start/source-maps'; // before any package is loaded
export { boundedText } from './http/fetch.json';
export { Actor } from './http/operator/actor.decorator';
export { answerWithin } from './http/answer.limit';
export { IssuerKeys, KeysUnreachable, type FoundKey } from './http/issuer.keys';
export { SigningKey } from './http/signing.key';
export { ageGauge, countGauge, gaugeBy } from './metrics/age.gauge';
export { beginAtZero, counter } from './metrics/counter';
export { Clock } from './time/clock';
export { defineConfig, type Config, type Environment, type ValuesOf } from './config/config';
export { ConfigurationInvalid } from './config/config.errors';
export { areTablesOfAnotherVersion, errorCodeOf, isOutage, isRolledBackByPostgres } from './postgres/outage';
export { HealthRegistry } from './health/health';
export { Keyring } from './keyring/keyring';
export { KeyMissing, DecryptionFailed } from './keyring/keyring.errors';
export { createKeyring, type JWKSet } from './keyring/keyring.file';
export { register } from './http/request.metrics';
export { databaseOptions } from './postgres/database';
export { openSession } from './postgres/session';
export { takeSession, type HeldSession } from './postgres/session.pool';
export type { Statement } from './postgres/statement.series';
export { applyMigrations, migrate, type MigrationClass } from './postgres/migrate';
export { ManagementController } from './http/management.controller';
export { DescribedBy, openApiDocument } from './http/openapi';
export { PublicAdapter } from './http/public.adapter';
export { Public } from './http/public.decorator';
export { RequiresRole, type OperatorRole } from './http/operator/roles.decorator';
export { isRetriable } from './http/problem';
export { ParseId } from './http/request.validation';
export { runService } from './start/run-service';
export { ServiceModule } from './start/service.module';
export { serviceSettings, type ServiceValues } from './config/service.settings';
export {
  address,
  count,
  flag,
  instant,
  isLoopback,
  isoDuration,
  json,
  list,
  loopbackUrl,
  networks,
  oneOf,
  port,
  postgresUrl,
  secret,
  url,
} from './config/setting';
export { serverOptions, type PublicServer } from './start/server-options';
export { startService, TRANSPORT, type RunningService, type ServiceOptions } from './start/start-service';
