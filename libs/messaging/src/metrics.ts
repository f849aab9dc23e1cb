import { Counter, register } from 'prom-client';

/** The one word set for what became of a message, in every consumer. */
export type MessageOutcome = 'handled' | 'duplicate' | 'ignored' | 'retried' | 'dead-lettered';

type Labels = 'consumer' | 'outcome';

function counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
  return (register.getSingleMetric(name) as Counter<L> | undefined) ?? new Counter({ name, help, labelNames });
}

const messages = counter<Labels>('messages_total', 'Messages by consumer and what became of them', ['consumer', 'outcome']);
const batches = counter<Labels>('message_batches_total', 'Batch transactions by consumer and how they ended', ['consumer', 'outcome']);
const jobs = counter('jobs_total', 'Runs of jobs by kind and how they ended', ['kind', 'outcome']);
const relayed = counter('relayed_messages_total', 'Messages of the outbox that Kafka has acknowledged', ['service']);
const operatorActs = counter('operator_acts_total', 'What operators asked for, by act and how it ended', ['act', 'outcome']);

export function countMessages(consumer: string, counts: Partial<Record<MessageOutcome, number>>): void {
  for (const [outcome, count] of Object.entries(counts)) if (count > 0) messages.inc({ consumer, outcome }, count);
}
/** `outage`: nobody's fault, it runs again. `refused`: SQL refused it and it was halved. */
export function countBatch(consumer: string, outcome: 'committed' | 'outage' | 'refused'): void {
  batches.inc({ consumer, outcome });
}
export function countJob(kind: string, outcome: 'done' | 'again' | 'failed' | 'dead' | 'fenced'): void {
  jobs.inc({ kind, outcome });
}
export function countRelayed(service: string, count: number): void {
  relayed.inc({ service }, count);
}
/** `repeated`: the same act was asked for again and had been done. `refused`: it can't be done, and the operator was told why. `failed`: the fault is here. */
export function countOperatorAct(act: string, outcome: 'done' | 'repeated' | 'refused' | 'failed'): void {
  operatorActs.inc({ act, outcome });
}
