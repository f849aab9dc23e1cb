import { provisioningReplies, subscriptionDecisions, subscriptionEvents, type Message, type Topic } from '@landfall/contracts';
import type { JobOf } from '@landfall/messaging';
import { remind, remindProduct, TenantConsumer, type TenantChange, type Terms } from '@landfall/provisioning/decisions';
import { instantOf, minute, second } from '../time';
import { Consumer, type ConsumerOptions } from './consumer';
import { Jobs, type Ending, type RunningJob } from './jobs';
import type { Topics } from './topics';

export interface ProvisioningServiceOptions extends ConsumerOptions {
  readonly topics: Topics;
}

/** A tenant that is not there within it has failed. It is a day by default: a run is shorter. */
export const provisioningLimitMs = 30 * minute;

/** The provisioning service: its real decisions over a table in memory that has one row. */
export class ProvisioningService {
  readonly jobs: Jobs;
  private row: TenantChange['tenant'] | undefined;

  constructor(private readonly options: ProvisioningServiceOptions) {
    const { topics } = options;
    this.jobs = new Jobs(
      { [remindProduct.kind]: (job, end) => this.remind(job as RunningJob & JobOf<typeof remindProduct>, end) },
      options,
    );
    const stages = new TenantConsumer(undefined as never, { current: () => this.terms } as never); // its tables of decisions alone are used
    const tables: [Topic, { readonly decide: object }][] = [
      [subscriptionDecisions, stages.onSubscriptionDecisions()],
      [provisioningReplies, stages.onProvisioningReplies()],
      [subscriptionEvents, stages.onSubscriptionEvents()],
    ];
    for (const [topic, { decide }] of tables) {
      const consumer = new Consumer<TenantChange>(
        {
          ...{ name: 'provisioning', decide: decide as never, keyOf: ({ key }: Message) => key },
          load: () => this.row && { tenant: this.row, newSteps: [] },
          save: (_key, { tenant }) => void (this.row = tenant),
        },
        { ...options, crash: 0 },
      );
      topics.read(topic, 'provisioning', (message) => consumer.receive(message));
    }
  }

  /** State and messages are written together; a second run finds that it was overtaken. */
  private remind(job: RunningJob & JobOf<typeof remindProduct>, end: (ending: Ending) => void): void {
    const outcome = remind(this.row && { tenant: this.row, newSteps: [] }, job.payload, this.terms);
    if (outcome.kind === 'changed') {
      this.row = outcome.state.tenant;
      this.options.emit(outcome.effects, { id: job.id, correlationId: job.correlationId });
    }
    end({ done: [] });
  }

  private get terms(): Terms {
    const now = new Date(instantOf(this.options.scheduler.nowMs));
    return { adapter: 'kafka', replyTimeoutMs: 30 * second, longestReplyTimeoutMs: 5 * minute, limitMs: provisioningLimitMs, now };
  }
}
