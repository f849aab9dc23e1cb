import type { Message } from '@landfall/contracts';
import type { Effect, Outcome } from '@landfall/messaging';
import type { Chance } from '../chance';
import type { Scheduler } from '../scheduler';
import { second } from '../time';
import type { Trace } from '../trace';
import type { Cause } from './messages';

/** How a service handles the messages of a topic: the stages of its consumer, with a table in memory. */
export interface Handling<State> {
  readonly name: string;
  /** The key of the state that a message is about. */
  keyOf(message: Message): string;
  /** What the decision needs from outside. Absent: nothing. */
  enrich?(message: Message, enriched: (facts: unknown) => void): void;
  load(key: string): State | undefined;
  /** The real decisions, by message type. */
  readonly decide: Readonly<Record<string, (state: never, message: never, facts: never) => Outcome<unknown>>>;
  save(key: string, state: State): void;
}

export interface ConsumerOptions {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  /** The chance that the process ends between `enrich` and its commit. */
  readonly crash: number;
  readonly emit: (effects: readonly Effect[], cause: Cause) => void;
  readonly trace: Trace;
}

/**
 * Stands in for a batch consumer: what has arrived is enriched together, then decided one after the other and saved with its effects. What arrives meanwhile is the
 * next batch. A message that was handled before is dropped.
 */
export class Consumer<State> {
  private waiting: Message[] = [];
  private readonly handled = new Set<string>();
  private isBusy = false;
  private batches = 0;

  constructor(
    private readonly handling: Handling<State>,
    private readonly options: ConsumerOptions,
  ) {}

  receive(message: Message): void {
    if (!this.handling.decide[message.type]) return;
    this.waiting.push(message);
    if (!this.isBusy) this.handle(this.nextBatch());
  }

  private nextBatch(): Message[] {
    const batch = this.waiting.filter(({ id }) => !this.handled.has(id));
    this.waiting = [];
    return batch;
  }

  private handle(batch: readonly Message[]): void {
    this.isBusy = true;
    this.enriched(batch, (facts) => {
      const { scheduler, chance, crash, trace } = this.options;
      const { name } = this.handling;
      if (chance('crash', name, this.batches++) < crash) {
        trace('crash', () => `${name} ends before its commit`);
        scheduler.after(second + 12 * second * chance('restart', name, this.batches), () => this.handle(batch));
        return;
      }
      batch.forEach((message, index) => this.decide(message, facts[index]));
      this.isBusy = false;
      const next = this.nextBatch();
      if (next.length > 0) this.handle(next);
    });
  }

  private enriched(batch: readonly Message[], ready: (facts: readonly unknown[]) => void): void {
    const facts: unknown[] = batch.map(() => undefined);
    const { handling } = this;
    if (!handling.enrich) return ready(facts);
    let missing = batch.length;
    if (missing === 0) return ready(facts);
    batch.forEach((message, index) =>
      handling.enrich!(message, (found) => {
        facts[index] = found;
        if (--missing === 0) ready(facts);
      }),
    );
  }

  private decide(message: Message, facts: unknown): void {
    if (this.handled.has(message.id)) return;
    this.handled.add(message.id);
    const { handling, options } = this;
    const key = handling.keyOf(message);
    const decide = handling.decide[message.type] as (state: unknown, message: Message, facts: unknown) => Outcome<State>;
    const outcome = decide(handling.load(key), message, facts);
    if (outcome.kind === 'notYet')
      throw new Error(`${handling.name} lets ${message.type} wait (${outcome.reason}): nothing here may do so.`);
    if (outcome.kind !== 'changed') options.trace('job', () => `${handling.name} ${outcome.kind} ${message.type}: ${outcome.reason}`);
    else if (outcome.state !== undefined) handling.save(key, outcome.state);
    options.emit(outcome.effects, { id: message.id, correlationId: message.correlationId });
  }
}
