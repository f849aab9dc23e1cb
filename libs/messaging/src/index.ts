export { Background } from './background';
export { Cleaner, inParts } from './cleaning/cleaner';
export { Consumes } from './handlers/consumes';
export { changed, ignored, notYet, refused, type Effect, type Outcome } from './handlers/outcome';
export { Performs } from './handlers/performs';
export { reasonOf } from './failure';
export { records, type RawRecord, type RecordsDefinition, type Taken } from './handlers/records';
export { Rebuilds, type RebuildPage, type RebuildSource } from './handlers/rebuilds';
export { everyMessage, FactsMissing, stages, stagesForSome, type Attempt, type ConsumerStages } from './handlers/stages';
export {
  again,
  dead,
  defineJob,
  done,
  endsOn,
  overtaken,
  overtakenDead,
  type EndOn,
  type Job,
  type JobDefinition,
  type JobLimits,
  type JobOf,
  type JobOptions,
  type JobOutcome,
} from './jobs/job.definition';
export type { JobDraft, Overtaken } from './jobs/job.draft';
export { DeadLetterAdministration } from './administration/dead-letter/dead-letter.administration';
export { JobAdministration } from './administration/job/job.administration';
export { TopicAdministration } from './administration/topic/topic.administration';
export { appendOnly } from './administration/act/append-only';
export { IdempotencyKeyReused, notKnown, SubjectMissing } from './administration/act/act.errors';
export { OperatorActs, type ActStages } from './administration/act/operator-acts';
export type { OperatorAct } from './administration/act/operator-act';
export { recordedAct, type RecordedAct } from './administration/act/operator-act.view';
export { documentation } from './administration/lazy.documentation';
export { LineExport } from './administration/export/line.export';
export { askedInstant, pageOf, timeCursor, type Page } from './administration/page';
export { actRequest, Marks, type ActRequest, type RequestMarks } from './administration/requests';
export type { BlockedKey } from './administration/dead-letter/dead-letter.view';
export { kafkaProblems } from './kafka/security/kafka.settings';
export { ReadMarks } from './kafka/read.marks';
export { RestoredDatabase } from './restore/restored.database';
export { messagingSettings, type MessagingConfig, type MessagingValues } from './messaging.config';
export { messagingMigrations } from './messaging.migrations';
export { MessagingModule } from './messaging.module';
export { MicroBatch, Overloaded, type MicroBatchLimits } from './micro-batch';
export { MessageTooLarge, type Cause } from './outbox/outgoing';
export { eraseContact, orderErasure } from './erasure/erasure.job';
export { withoutPersonalData } from './erasure/personal.data';
export { StoredMessages } from './erasure/stored.messages';
export { FAULT_POINTS, RANDOMNESS, type FaultPoint, type FaultPoints, type Randomness } from './ports';
export { columns, instantColumn, inTransaction, run, write, type Transaction } from './transaction';
export { NotYet, Refused, UnitOfWork, type EndpointStages, type TransactionOptions } from './unit-of-work';
