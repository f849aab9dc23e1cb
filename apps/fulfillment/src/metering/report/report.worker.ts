import type { DataOf, usageAnswered } from '@landfall/contracts';
import { again, done, endsOn, Performs, type EndOn, type JobOf, type JobOutcome } from '@landfall/messaging';
import { Clock } from '@landfall/service-defaults';
import { Controller, Logger } from '@nestjs/common';
import { MicrosoftAway, unsentRequestOf } from '../../microsoft/microsoft.errors';
import type { Access } from '../../registration/registration.access';
import { isShutOut, MeteringClient } from '../metering.client';
import { reportsShutOut, unansweredReports, usageResults } from '../metering.metrics';
import { afterCall, afterCrash, answerToBilling, isTooLate, nextStep, untilNextMs, type CallEnd, type EndedCall } from './batch.domain';
import { BatchRepository, type BatchAtWork } from './batch.repository';
import { DeadlinePassed, endOfFailure } from './call.end';
import { reportBatch } from './report.job';
import type { BatchPart, UsageBatch } from './usage.batch';

type ReportJob = JobOf<typeof reportBatch>;

/** Events of a part that go with one registration's token, and their client; or why none can go. */
type Sendable =
  { readonly events: readonly number[]; readonly access: Access } | { readonly events: readonly number[]; readonly end: CallEnd };

/** Reports usage to Microsoft (contract 6.4): one call a run, each written down before it leaves. */
@Controller()
export class ReportWorker {
  private readonly logger = new Logger('Usage');

  constructor(
    private readonly metering: MeteringClient,
    private readonly batches: BatchRepository,
    private readonly clock: Clock,
  ) {}

  /** Safe to repeat after a crash: an attempt in flight counts as one that was not answered, and Microsoft takes the first event of a key alone. */
  @Performs(reportBatch)
  async report(job: ReportJob): Promise<JobOutcome> {
    const work = await this.batches.begin(job.payload.batchId);
    if (!work || work.batch.answeredAt !== null) return done();
    unansweredReports.inc(work.lost);
    const step = nextStep(work.batch, this.clock.now());
    const call = step.next === 'send' ? await this.send(step.part, work, job) : null;
    return endsOn(this.batches.ofRuns, work.batch.batchId, (batch) => this.after(batch ?? work.batch, call));
  }

  /** Decided on the batch as it is locked: an attempt of another run that it shows in flight was not answered. */
  private after(known: UsageBatch, call: EndedCall | null): EndOn<UsageBatch> {
    const now = this.clock.now();
    const batch = call ? afterCall(known, call) : afterCrash(known);
    const unanswered = unansweredIn(batch) - unansweredIn(known);
    const count = () => unansweredReports.inc(unanswered);
    if (nextStep(batch, now).next === 'send') {
      const afterMs = untilNextMs(batch, call?.end ?? {}, now);
      return { state: batch, effects: [], outcome: again({ afterMs }, whyAgain(call)), recorded: count };
    }
    const answer = answerToBilling(batch, now);
    const recorded = () => {
      count();
      this.tellEnd(answer.data);
    };
    return { state: { ...batch, parts: [], answeredAt: now.toISOString() }, effects: [answer], outcome: done(), recorded };
  }

  private async send(part: BatchPart, work: BatchAtWork, job: ReportJob): Promise<EndedCall> {
    const sendable = await this.sendableOf(part, work.batch);
    const { events } = sendable;
    if ('end' in sendable) return { events, requestIds: [], unsent: null, registration: null, end: sendable.end };
    const { access } = sendable;
    const requestIds: string[] = [];
    const announce = async (requestId: string) => {
      if (isTooLate(work.batch, this.clock.now())) throw new DeadlinePassed();
      await this.batches.writeDown(work, { requestId, events });
      requestIds.push(requestId);
    };
    const ended = (end: CallEnd, unsent: string | null = null): EndedCall => ({
      ...{ events, requestIds, unsent, registration: access.registration, end },
    });
    try {
      const chosen = events.map((place) => work.batch.events[place]!);
      return ended({ kind: 'answered', answer: await this.metering.report(access, chosen, announce, job) });
    } catch (error) {
      if (isShutOut(error)) this.tellShutOut(part, work.batch, access.registration, error);
      return ended(endOfFailure(error), error instanceof MicrosoftAway ? unsentRequestOf(error.cause) : null);
    }
  }

  /** A call bears one registration's token. What belongs to none that is known yet waits, and holds up no other. */
  private async sendableOf({ events }: BatchPart, batch: UsageBatch): Promise<Sendable> {
    const looked = await Promise.all(
      events.map(async (place) => {
        try {
          return { place, access: await this.metering.accessTo(batch.events[place]!.subscriptionId) };
        } catch (error) {
          return { place, end: endOfFailure(error) };
        }
      }),
    );
    const first = looked.flatMap(({ access }) => access ?? [])[0];
    if (!first) return { events, end: looked[0]!.end! };
    const ofFirst = looked.filter(({ access }) => access?.registration === first.registration);
    return { events: ofFirst.map(({ place }) => place), access: first };
  }

  /** Once for each part, and not for each try: the metric counts those. */
  private tellShutOut({ tries }: BatchPart, { batchId, publisherId, deadline }: UsageBatch, registration: string, error: Error): void {
    reportsShutOut.inc();
    if (tries > 0) return;
    this.logger.error(
      { batchId, publisherId, registration, deadline, reason: error.message },
      'Microsoft does not take our usage, which no event of it is to blame for: it waits, and is tried again until its deadline',
    );
  }

  private tellEnd({ batchId, publisherId, requestId, results }: DataOf<typeof usageAnswered>): void {
    for (const { status } of results) usageResults.inc({ status: status ?? 'none' });
    const [unknown, unsent] = [
      results.filter(({ status }) => status === null || status === 'Error'),
      results.filter(({ status }) => status === 'unsent'),
    ];
    if (unknown.length > 0) {
      this.logger.error(
        { batchId, publisherId, requestId, count: unknown.length },
        'Microsoft did not say until the deadline whether it has recorded usage: billing waits for what it lists',
      );
    }
    if (unsent.length > 0) {
      this.logger.warn(
        { batchId, publisherId, count: unsent.length, reason: unsent[0]!.reason },
        'usage could not be sent until its deadline: Microsoft has none of it',
      );
    }
  }
}

const unansweredIn = ({ progress }: UsageBatch): number => progress.reduce((sum, { unanswered }) => sum + unanswered, 0);

/** For whoever looks at the job. */
function whyAgain(call: EndedCall | null): string {
  switch (call?.end.kind) {
    case 'unanswered':
    case 'undone':
      return call.end.why;
    case 'refused':
      return `Microsoft refuses ${call.events.length} events together: ${call.end.answer.reason}`;
    case 'answered':
      return 'Microsoft has not answered about all events yet';
    case undefined:
      return 'the batch goes on';
  }
}
