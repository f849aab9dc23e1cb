import { randomUUID } from 'node:crypto';
import { MarketplaceError, type UsageRow } from '@landfall/marketplace-client';
import { again, dead, done, Performs, reasonOf, type JobOf, type JobOutcome } from '@landfall/messaging';
import { Controller, Logger } from '@nestjs/common';
import { whyItFailed } from '../../microsoft/microsoft.errors';
import { retryLater } from '../../microsoft/retry-later';
import { MeteringClient } from '../metering.client';
import { isGivenUp, untilAskedAgainMs } from '../reading/reading.outcomes';
import { handOverRecorded, readRecorded } from './recorded.job';
import { keptParts, partsAsRead, partsOf } from './recorded.parts';
import { RecordedRepository } from './recorded.repository';

/** Parts of a run: a thousand rows at most are written at once. */
const PARTS_TOGETHER = 5;

/** What one attempt has read of one list. */
interface Reading {
  readonly reading: string;
  parts: number;
}

/** Reads back what Microsoft has recorded of a day (contract 6.5), and hands it to billing part by part. */
@Controller()
export class RecordedWorker {
  private readonly logger = new Logger('Usage');

  constructor(
    private readonly metering: MeteringClient,
    private readonly recorded: RecordedRepository,
  ) {}

  /** Whole or not at all: what Microsoft did not list must not look as if it had no usage. */
  @Performs(readRecorded)
  async read(job: JobOf<typeof readRecorded>): Promise<JobOutcome> {
    const { readId, publisherId, day } = job.payload;
    const attempts: Reading[] = [];
    try {
      const registrations = await this.recorded.registrationsOf(publisherId);
      if (registrations.length === 0) return this.refused(job, `no subscription of publisher ${publisherId} is known here`);
      const lists: (Reading & { date: string })[] = [];
      for (const registration of registrations) lists.push(await this.list(registration, job, attempts));
      const date = lists.map((list) => list.date).sort()[0]!; // what one of them may not show yet, none is said to show
      await this.forget(attempts.filter(({ reading }) => !lists.some((list) => list.reading === reading)));
      const readings = lists.map(({ reading, parts }) => ({ reading, parts }));
      return done(handOverRecorded({ readId, publisherId, day, readings, date, part: 1 }));
    } catch (error) {
      await this.forget(attempts);
      if (error instanceof MarketplaceError || isGivenUp(job.ageMs)) return this.refused(job, whyItFailed(error).reason);
      return retryLater(error, job.attempts);
    }
  }

  /** One list is long: its rows are kept as they come, under another reading in each attempt, so that nothing of one that broke off is handed over. */
  private async list(registration: string, job: JobOf<typeof readRecorded>, attempts: Reading[]): Promise<Reading & { date: string }> {
    const begin = () => {
      const attempt: Reading = { reading: randomUUID(), parts: 0 };
      attempts.push(attempt);
      return async (rows: readonly UsageRow[]) => {
        const parts = partsOf(rows, attempt.parts);
        await this.recorded.keep(attempt.reading, parts);
        attempt.parts += parts.length;
      };
    };
    const { date } = await this.metering.recorded(registration, job.payload.day, job, begin);
    return { ...attempts.at(-1)!, date };
  }

  /** Where that fails, they are deleted by their age. */
  private async forget(attempts: readonly Reading[]): Promise<void> {
    await this.recorded.forget(attempts.map(({ reading }) => reading)).catch((error: unknown) => {
      this.logger.warn({ reason: reasonOf(error) }, 'what was read of a list that broke off stays until it is 14 days old');
    });
  }

  /** What is handed over, and which part comes next, is recorded together: what came before that is not needed any more. */
  @Performs(handOverRecorded)
  async handOver({ payload }: JobOf<typeof handOverRecorded>): Promise<JobOutcome> {
    const { part } = payload;
    const wanted = keptParts(payload, part, PARTS_TOGETHER);
    const parts = await this.recorded.parts(wanted);
    if (parts.length < wanted.length) return dead('what was read was deleted before it was handed over: billing has to order it anew');
    await this.recorded.forgetParts(keptParts(payload, Math.max(1, part - PARTS_TOGETHER), Math.min(PARTS_TOGETHER, part - 1)));
    const messages = partsAsRead(payload, parts);
    const { isLast, part: last } = messages.at(-1)!.data;
    return isLast ? done(...messages) : done(...messages, handOverRecorded({ ...payload, part: last + 1 }));
  }

  private refused({ payload, attempts, ageMs }: JobOf<typeof readRecorded>, reason: string): JobOutcome {
    if (!isGivenUp(ageMs)) return again({ afterMs: untilAskedAgainMs(attempts) }, reason);
    this.logger.error(
      { ...payload, reason },
      'what Microsoft has recorded of a day could not be read for three days, and is asked for no more',
    );
    return dead(`not answered for three days: ${reason}`);
  }
}
