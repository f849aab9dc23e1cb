import { beginAtZero, counter } from '@landfall/service-defaults';
import { commonActs, type ActName } from './administration/act/operator-act.view';

/** The one word set for what became of a message, in every consumer. */
const messageOutcomes = ['handled', 'duplicate', 'ignored', 'retried', 'dead-lettered'] as const;
export type MessageOutcome = (typeof messageOutcomes)[number];
/** `outage`: nobody's fault, it runs again. `refused`: SQL refused it and it was halved. */
const batchOutcomes = ['committed', 'outage', 'refused'] as const;
/** `overtaken`: it was dead, or would be, and nobody needs it any more. */
const jobOutcomes = ['done', 'again', 'failed', 'dead', 'overtaken', 'fenced'] as const;
/** `repeated`: the same act was asked for again and had been done. `refused`: it can't be done, and the operator was told why. `failed`: the fault is here. */
const actOutcomes = ['done', 'repeated', 'refused', 'failed'] as const;

const messages = counter('messages_total', 'Messages by consumer and what became of them', { consumer: [], outcome: messageOutcomes });
const batches = counter('message_batches_total', 'Batch transactions by consumer and how they ended', {
  consumer: [],
  outcome: batchOutcomes,
});
const jobs = counter('jobs_total', 'Runs of jobs by kind and how they ended', { kind: [], outcome: jobOutcomes });
const relayed = counter('relayed_messages_total', 'Messages of the outbox that Kafka has acknowledged', { service: [] });
const operatorActs = counter('operator_acts_total', 'What operators asked for, by act and how it ended', {
  act: commonActs,
  outcome: actOutcomes,
});

/** What a service reads, performs and publishes is known when it starts: its counters begin at 0 then, so that the first dead letter is seen as one more. */
export function beginCounting(service: string, consumers: readonly string[], kinds: readonly string[]): void {
  beginAtZero(messages, { consumer: consumers, outcome: messageOutcomes });
  beginAtZero(batches, { consumer: consumers, outcome: batchOutcomes });
  beginAtZero(jobs, { kind: kinds, outcome: jobOutcomes });
  beginAtZero(relayed, { service: [service] });
}

export function countMessages(consumer: string, counts: Partial<Record<MessageOutcome, number>>): void {
  for (const [outcome, count] of Object.entries(counts)) if (count > 0) messages.inc({ consumer, outcome }, count);
}
export function countBatch(consumer: string, outcome: (typeof batchOutcomes)[number]): void {
  batches.inc({ consumer, outcome });
}
export function countJob(kind: string, outcome: (typeof jobOutcomes)[number]): void {
  jobs.inc({ kind, outcome });
}
export function countRelayed(service: string, count: number): void {
  relayed.inc({ service }, count);
}
export function countOperatorAct(act: ActName, outcome: (typeof actOutcomes)[number]): void {
  operatorActs.inc({ act, outcome });
}
