import { randomUUID } from 'node:crypto';
import { MarketplaceError } from '@landfall/marketplace-client';
import { again, dead, done, Performs, type JobOf, type JobOutcome } from '@landfall/messaging';
import { Controller, Logger } from '@nestjs/common';
import { whyItFailed } from '../../microsoft/microsoft.errors';
import { retryLater } from '../../microsoft/retry-later';
import { MeteringClient } from '../metering.client';
import { isGivenUp, untilAskedAgainMs } from '../reading/reading.outcomes';
import { partAsRead, partsOf } from './recorded.parts';
import { handOverRecorded, readRecorded } from './recorded.job';
import { RecordedRepository } from './recorded.repository';

/** Parts of a run: a thousand rows at most are written at once. */
const PARTS_TOGETHER = 5;

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
    try {
      const registrations = await this.recorded.registrationsOf(publisherId);
      if (registrations.length === 0) return this.refused(job, `no subscription of publisher ${publisherId} is known here`);
      const lists = await Promise.all(registrations.map((registration) => this.metering.recorded(registration, day, job)));
      const reading = randomUUID();
      const date = lists.map((list) => list.date).sort()[0]!; // what one of them may not show yet, none is said to show
      await this.recorded.keep(
        reading,
        partsOf(
          lists.flatMap(({ rows }) => rows),
          date,
        ),
      );
      return done(handOverRecorded({ readId, publisherId, day, reading, part: 1 }));
    } catch (error) {
      if (error instanceof MarketplaceError || isGivenUp(job.ageMs)) return this.refused(job, whyItFailed(error).reason);
      return retryLater(error, job.attempts);
    }
  }

  /** What is handed over, and which part comes next, is recorded together. */
  @Performs(handOverRecorded)
  async handOver({ payload }: JobOf<typeof handOverRecorded>): Promise<JobOutcome> {
    const { reading, part } = payload;
    const parts = await this.recorded.parts(reading, part, PARTS_TOGETHER);
    const last = parts.at(-1);
    if (!last) return dead('what was read was deleted before it was handed over: billing has to order it anew');
    const messages = parts.map((one) => partAsRead(payload, one));
    return last.isLast ? done(...messages) : done(...messages, handOverRecorded({ ...payload, part: last.part + 1 }));
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
