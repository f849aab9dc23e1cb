import {
  fulfillmentCommands,
  gatewayEvents,
  subscriptionDecisions,
  webhookReceived,
  type Message,
  type MessageOf,
  type SubscriptionRead,
} from '@landfall/contracts';
import {
  activateSubscription,
  announcedBy,
  asksForSubscription,
  cancelPurchase,
  dueAfter,
  dueAtOnce,
  endMisdirected,
  endOfRun,
  followActivation,
  followCancellation,
  followOperation,
  FulfillmentConsumer,
  isImport,
  isReadSpared,
  isTooLate,
  missingOf,
  newOperation,
  operationKey,
  orderedRead,
  readAsOrdered,
  resolvePurchase,
  settledBefore,
  showsEnd,
  untilReadAgainMs,
  type FirstSeen,
  type FollowRun,
  type Acknowledgement,
  type Misdirected,
  type Operation,
  type OperationAnswer,
  type Pace,
  type Seen,
  type Sent,
  takenUpAgain,
} from '@landfall/fulfillment/decisions';
import type { EndOn, JobOf } from '@landfall/messaging';
import type { MicrosoftApi, PatchAnswer } from '../microsoft/microsoft.api';
import { shortNameOf } from '../microsoft/operation';
import { Activation } from './activation';
import { Cancellation } from './cancellation';
import { Change } from './change';
import { Consumer, type ConsumerOptions } from '../landfall/consumer';
import { Jobs, type Ending, type RunningJob } from '../landfall/jobs';
import { Operations } from './operations';
import { Registrations } from './registrations';
import { Resolution } from './resolution';
import type { Topics } from '../landfall/topics';

export interface FulfillmentServiceOptions extends ConsumerOptions {
  readonly topics: Topics;
  readonly api: MicrosoftApi;
  readonly pace: Pace;
  /** Whether Microsoft has shown us the subscription before the run. */
  readonly isBound: boolean;
}

/**
 * Fulfillment: its real decisions, with calls to the model of Microsoft. What stands here instead of its worker only makes the calls that the decisions ask for, and
 * keeps what they return.
 */
export class FulfillmentService {
  readonly operations: Operations;
  readonly jobs: Jobs;
  readonly registrations: Registrations;
  /** The sequence from which reads draw their numbers. */
  private lastReadNo = 0;

  constructor(private readonly options: FulfillmentServiceOptions) {
    const { topics, scheduler } = options;
    this.operations = new Operations(() => scheduler.nowMs);
    this.registrations = new Registrations(options.isBound);
    const acting = {
      ...{ scheduler, api: options.api, registration: () => this.registrationFor() ?? nobody },
      read: (key: string, answered: (read: SubscriptionRead | null) => void) => this.read(undefined, key, answered),
    };
    const activation = new Activation(acting);
    const cancellation = new Cancellation(acting);
    const change = new Change({ ...acting, copyLagMs: options.pace.copyLagMs, followed: (action) => this.operations.newestOf(action) });
    const resolution = new Resolution({
      ...{ api: options.api, nextReadNo: () => this.nextReadNo(), bind: () => this.registrations.bind(scheduler.nowMs) },
      read: (registration, key, answered) => this.read(registration, key, answered),
    });
    this.jobs = new Jobs(
      {
        [followOperation.kind]: (job, end) => this.follow(job as RunningJob & JobOf<typeof followOperation>, end),
        [orderedRead.kind]: (job, end) => this.readAsOrdered(job as RunningJob & JobOf<typeof orderedRead>, end),
        [resolvePurchase.kind]: (job, end) => resolution.resolve(job as RunningJob & JobOf<typeof resolvePurchase>, end),
        ...activation.performers,
        ...cancellation.performers,
        ...change.performers,
      },
      { ...options, onDead: onDead as never },
    );
    const table = {
      name: 'fulfillment',
      load: (key: string) => this.operations.load(key),
      save: (key: string, operation: Operation) => this.operations.save(key, operation),
    };
    const stages = new FulfillmentConsumer(undefined as never, undefined as never); // its tables of decisions alone are used
    const { decide, key } = stages.onGatewayEvents();
    const ofGateway = new Consumer<Operation>(
      { ...table, decide, keyOf: (message) => key!(message), enrich: (message, ready) => this.firstSeen(message, ready) },
      options,
    );
    topics.read(gatewayEvents, 'fulfillment', (message) => ofGateway.receive(message));
    for (const [topic, { decide, key }] of [
      [subscriptionDecisions, stages.onSubscriptionDecisions()],
      [fulfillmentCommands, stages.onFulfillmentCommands()],
    ] as const) {
      const consumer = new Consumer<Operation>({ ...table, decide, keyOf: (message) => key?.(message) ?? message.key }, options);
      topics.read(topic, 'fulfillment', (message) => consumer.receive(message));
    }
  }

  /** Drawn before the call (rule 2). */
  nextReadNo(): number {
    return ++this.lastReadNo;
  }

  /**
   * Get Subscription, with its number, through the registration of the subscription. `announced`: to whose address the webhook came that leads to it. What nobody may ask for is
   * not answered.
   */
  read(announced: string | undefined, key: string, answered: (read: SubscriptionRead | null) => void): void {
    const { api, scheduler } = this.options;
    const readNo = this.nextReadNo();
    const registration = this.registrationFor(announced);
    if (registration === null) return scheduler.after(0, () => answered(null));
    api.getSubscription(registration, key, (answer) => {
      if (answer) this.registrations.bind(scheduler.nowMs);
      answered(answer && { ...answer, readNo });
    });
  }

  private registrationFor(announced?: string): string | null {
    const asking = this.registrations.asking(announced);
    return asking.kind === 'through' ? asking.registration : null;
  }

  private firstSeen(message: Message, ready: (facts: FirstSeen | Misdirected | undefined) => void): void {
    if (message.type !== webhookReceived.type) return ready(undefined);
    const operation = announcedBy((message as MessageOf<typeof webhookReceived>).data);
    const asking = this.registrations.asking(operation.registration);
    if (asking.kind === 'other') return ready({ boundTo: asking.boundTo });
    this.registrations.announce(operation.registration);
    this.lookAt(operation, `first look at ${shortNameOf(operation.operationId)}`, true, (seen) =>
      ready({ ...seen, pace: this.options.pace }),
    );
  }

  /** What a run did and saw is decided on, saved and emitted in one step, when its end is recorded. */
  private follow(job: RunningJob & JobOf<typeof followOperation>, end: (ending: Ending) => void): void {
    const [found, listed] = [this.operations.load(operationKey(job.payload)), listedBy(job)];
    const operation = found ? takenUpAgain(found, listed) : listed;
    if (!operation || operation.settled) return end({ done: [] });
    const run: FollowRun = { operation, listed, sentAtOnce: null, seen: null, sentAfterwards: null };
    const atOnce = found && job.attempts === 1 ? dueAtOnce(found) : null;
    if (atOnce === null) return this.look(job, run, end);
    this.send(operation, atOnce, (sentAtOnce) => {
      if (sentAtOnce.answer === 'over') this.look(job, { ...run, sentAtOnce }, end);
      else this.ending(operation, (now) => endOfRun({ ...run, sentAtOnce }, now), end);
    });
  }

  private look(job: RunningJob, run: FollowRun, end: (ending: Ending) => void): void {
    const { operation, listed } = run;
    const asking = this.registrations.asking(operation.registration);
    if (asking.kind === 'other')
      return this.ending(operation, (now) => endMisdirected(operation, listed, operation.registration, now), end);
    this.lookAt(
      operation,
      `look ${job.attempts} at ${shortNameOf(operation.operationId)}`,
      asksForSubscription(operation),
      (seen) => {
        const looked = { ...run, seen: { ...seen, outstanding: [], pace: this.options.pace, retryAfterMs: 0 } };
        const due = dueAfter(looked);
        if (!due) return this.ending(operation, (now) => endOfRun(looked, now), end);
        this.send(operation, due, (sentAfterwards) => this.ending(operation, (now) => endOfRun({ ...looked, sentAfterwards }, now), end));
      },
      isReadSpared(operation, run.sentAtOnce),
    );
  }

  private send({ registration, operationId }: Operation, acknowledgement: Acknowledgement, sent: (sent: Sent) => void): void {
    this.options.api.acknowledge(this.registrationFor(registration) ?? nobody, operationId, acknowledgement, (answer) =>
      sent({ acknowledgement, answer: meaningOf(answer), retryAfterMs: 0 }),
    );
  }

  private ending(operation: Operation, decide: (now: Operation | undefined) => EndOn<Operation>, end: (ending: Ending) => void): void {
    const key = operationKey(operation);
    end({
      decide: () => {
        const decided = decide(this.operations.load(key));
        if (decided.state) this.operations.save(key, decided.state);
        return decided;
      },
    });
  }

  /** Get Operation, and Get Subscription beside it; or after it, where that is wanted of an end alone. */
  private lookAt(operation: Operation, key: string, isBeside: boolean, seen: (seen: Seen) => void, isSpared = false): void {
    const { api } = this.options;
    let answer: OperationAnswer | undefined;
    let read: SubscriptionRead | null | undefined;
    const whenBoth = () => {
      if (answer && read !== undefined) seen({ operation: answer, read, isReadSpared: isSpared });
    };
    const readNow = () =>
      this.read(operation.registration, key, (found) => {
        read = found;
        whenBoth();
      });
    api.getOperation(this.registrationFor(operation.registration) ?? nobody, operation.operationId, key, (found) => {
      answer = !found
        ? { kind: 'unanswered' }
        : found.operation
          ? { kind: 'shown', ...found.operation, date: found.date }
          : { kind: 'not-shown', date: found.date };
      if (!isBeside && !isSpared && showsEnd(operation, answer)) return readNow();
      if (!isBeside) read = null;
      whenBoth();
    });
    if (isBeside) readNow();
  }

  private readAsOrdered(job: RunningJob & JobOf<typeof orderedRead>, end: (ending: Ending) => void): void {
    this.read(undefined, `ordered read ${job.payload.order}, attempt ${job.attempts}`, (read) => {
      const isComplete = read && (missingOf(job.payload, read).length === 0 || isTooLate(job.payload, job.ageMs));
      const ended = isImport(job.payload) ? this.operations.ended.flatMap(settledBefore) : [];
      end(isComplete ? { done: [readAsOrdered(job.payload, read), ...ended] } : { againAfterMs: untilReadAgainMs(job.attempts) });
    });
  }
}

/** An operation that Microsoft named, and whose webhook has not come. */
function listedBy({ payload: { listed, ...reference } }: JobOf<typeof followOperation>): Operation | null {
  return listed ? newOperation({ ...reference, ...listed, isUnnamed: false }) : null;
}

const meaningOf = (answer: PatchAnswer) => (answer === 500 ? ('unknown' as const) : ('over' as const));

/** Who asks where nobody may: Microsoft shows nothing to them, and the checker finds it. */
const nobody = 'nobody';

const onDead = Object.fromEntries(
  [activateSubscription, followActivation, cancelPurchase, followCancellation].map(({ kind, onDead }) => [kind, onDead]),
);
