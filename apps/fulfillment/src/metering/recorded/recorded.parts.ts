import { cut, dimensionId, USAGE_ROWS_PER_MESSAGE, usageRead, type DataOf, type MessageOf, type readUsage } from '@landfall/contracts';
import { MarketplaceAnswerUnreadable, type UsageRow } from '@landfall/marketplace-client';
import { changed, type Outcome } from '@landfall/messaging';
import { quantityOf } from '../report/batch.answer';
import { readRecorded } from './recorded.job';

type RecordedRow = DataOf<typeof usageRead>['rows'][number];

/** Rows that go into one message, in the order in which Microsoft listed them. */
export interface RecordedPart {
  /** 1, 2, 3 … */
  readonly part: number;
  readonly isLast: boolean;
  readonly rows: readonly RecordedRow[];
  /** Microsoft's clock when it answered. */
  readonly date: string;
}

export const orderRecorded = (_state: undefined, { data }: MessageOf<typeof readUsage>): Outcome<undefined> =>
  changed(undefined, readRecorded(data));

/** A day as it is handed over; a day without usage is one part without rows. @throws MarketplaceAnswerUnreadable */
export function partsOf(listed: readonly UsageRow[], date: string): RecordedPart[] {
  const rows = listed.map(rowOf);
  const count = Math.max(1, Math.ceil(rows.length / USAGE_ROWS_PER_MESSAGE));
  return Array.from({ length: count }, (_, index) => ({
    ...{ part: index + 1, isLast: index + 1 === count, date },
    rows: rows.slice(index * USAGE_ROWS_PER_MESSAGE, (index + 1) * USAGE_ROWS_PER_MESSAGE),
  }));
}

const RECON_STATUS_LENGTH = 50;

/** A row that no message takes fails the whole: without it nothing would seem recorded. */
function rowOf({ dimension, reconStatus, submittedQuantity, processedQuantity, ...same }: UsageRow): RecordedRow {
  const [submitted, processed] = [quantityOf(submittedQuantity), quantityOf(processedQuantity)];
  if (submitted === null || processed === null) throw new MarketplaceAnswerUnreadable('submittedQuantity', 'is no quantity of usage');
  if (!dimensionId.safeParse(dimension).success) throw new MarketplaceAnswerUnreadable('dimension', 'is no id of a dimension');
  return {
    ...{ ...same, dimension, reconStatus: cut(reconStatus, RECON_STATUS_LENGTH) },
    ...{ submittedQuantity: submitted, processedQuantity: processed },
  };
}

export const partAsRead = ({ readId, publisherId, day }: DataOf<typeof readUsage>, { part, isLast, rows, date }: RecordedPart) =>
  usageRead({ readId, publisherId, day, part, isLast, rows: [...rows], date });
