export { startKafka, type KafkaOptions, type RunningKafka } from './kafka/kafka';
export { startPostgres, type PostgresOptions, type RunningPostgres } from './postgres/postgres';
export { SetupError } from './setup.error';
export { testBroker, testDatabase, type TestDatabase } from './testing/test-database';
