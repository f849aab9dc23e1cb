import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE, Reflector } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Clock } from '../time/clock';
import type { Config } from '../config/config';
import { ConfigurationInvalid } from '../config/config.errors';
import { checkDatabase, databaseOptions } from '../postgres/database';
import { HealthRegistry } from '../health/health';
import { Keyring } from '../keyring/keyring';
import { readKeyring } from '../keyring/keyring.file';
import { OperatorGuard } from '../http/operator/operator.guard';
import { ProblemFilter } from '../http/problem.filter';
import { RequestValidation } from '../http/request.validation';
import type { ServiceValues } from '../config/service.settings';

/**
 * What every service has: a database, a clock, keys, health, and endpoints that are closed until a handler says otherwise. Settings are read when
 * the application is created, not while files load.
 */
@Module({})
export class ServiceModule {
  static for(config: Config<ServiceValues>): DynamicModule {
    const provided: Provider[] = [
      { provide: Clock, useFactory: () => new Clock(config.values.CLOCK_URL) },
      { provide: Keyring, useFactory: () => keyringOf(config) },
      { provide: HealthRegistry, inject: [DataSource], useFactory: healthWithDatabase },
    ];
    return {
      module: ServiceModule,
      global: true,
      imports: [TypeOrmModule.forRootAsync({ useFactory: () => databaseOptions(config.name, config.values) })],
      providers: [
        ...provided,
        { provide: APP_GUARD, inject: [Reflector], useFactory: (reflector: Reflector) => guardFor(reflector, config.values) },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useFactory: () => new RequestValidation() },
      ],
      exports: [Clock, Keyring, HealthRegistry],
    };
  }
}

function healthWithDatabase(database: DataSource): HealthRegistry {
  const registry = new HealthRegistry();
  registry.add('ready', 'database', () => checkDatabase(database));
  return registry;
}

function guardFor(reflector: Reflector, values: ServiceValues): OperatorGuard {
  return new OperatorGuard(reflector, { authorityUrl: values.OPERATORS_AUTHORITY_URL, audience: values.OPERATORS_AUDIENCE });
}

/** A service without keys may start; the first use of one says what is missing. */
function keyringOf({ name, values }: Config<ServiceValues>): Keyring {
  if (values.KEYRING_FILE === undefined) return new Keyring(name, { keys: [] });
  try {
    return new Keyring(name, readKeyring(values.KEYRING_FILE));
  } catch (error) {
    throw new ConfigurationInvalid(name, [`KEYRING_FILE is "${values.KEYRING_FILE}": ${(error as Error).message}`]);
  }
}
