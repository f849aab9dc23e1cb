export { startKafka, type KafkaOptions, type RunningKafka } from './kafka/kafka';
export { createTopics, laptopPartitions } from './kafka/topics';
export { startSystem, type System, type SystemOptions } from './system/system';
export { namesWithKeys, serviceNames } from './system/services';
export { readRun, type Run } from './system/run-json';
export { landfallDir, repositoryDir } from './repository';
export { startPostgres, type PostgresOptions, type RunningPostgres } from './postgres/postgres';
export { SetupError } from './setup.error';
export { testBroker, testDatabase, type TestDatabase } from './testing/test-database';
