export { Batch, Consumes, type BatchOf } from './consumes';
export {
  again,
  dead,
  defineJob,
  done,
  type Job,
  type JobDefinition,
  type JobDraft,
  type JobLimits,
  type JobOf,
  type JobOptions,
  type JobOutcome,
} from './job.definition';
export { Landfall, Refused, type Append, type DoorStages } from './landfall';
export { messagingSettings, type MessagingConfig, type MessagingValues } from './messaging.config';
export { MessagingModule, TRANSPORT } from './messaging.module';
export { messagingTestDriver, type MessagingTestDriver, type StoredJob } from './test.driver';
export { OperatorDesk, type OperatorAct, type StuckJob, type StuckKey } from './operator.desk';
export { messagingMigrations } from './messaging.schema';
export { MicroBatch, Overloaded, type MicroBatchLimits } from './micro-batch';
export { MessageTooLarge, type Cause } from './outgoing';
export { changed, ignored, notYet, refused, type Effect, type Outcome } from './outcome';
export { Performs } from './performs';
export {
  BUSINESS_CLOCK,
  CLOCK,
  clockFrom,
  FAULT_POINTS,
  RANDOMNESS,
  type FaultPoint,
  type FaultPoints,
  type MessagingClock,
  type Randomness,
} from './ports';
export { FactsMissing, type Stages, type Trial } from './stages';
export { columns, run, type Transaction } from './transaction';
