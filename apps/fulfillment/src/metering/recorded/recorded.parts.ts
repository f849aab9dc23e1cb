import { cut, dimensionId, USAGE_ROWS_PER_MESSAGE, usageRead, type DataOf, type MessageOf, type readUsage } from '@landfall/contracts';
import { MarketplaceAnswerUnreadable, type UsageRow } from '@landfall/marketplace-client';
import { changed, type Outcome } from '@landfall/messaging';
import { quantityOf } from '../report/batch.answer';
import { readRecorded, type HandOver } from './recorded.job';

type RecordedRow = DataOf<typeof usageRead>['rows'][number];

/** Rows that go into one message, in the order in which Microsoft listed them. */
export interface RecordedPart {
  /** 1, 2, 3 … of its reading. */
  readonly part: number;
  readonly rows: readonly RecordedRow[];
}

/** Where a part is kept. */
export type KeptPart = Pick<RecordedPart, 'part'> & { readonly reading: string };

export const orderRecorded = (_state: undefined, { data }: MessageOf<typeof readUsage>): Outcome<undefined> =>
  changed(undefined, readRecorded(data));

/** Rows as they are handed over, behind so many parts. @throws MarketplaceAnswerUnreadable */
export function partsOf(listed: readonly UsageRow[], before: number): RecordedPart[] {
  const rows = listed.map(rowOf);
  const count = Math.ceil(rows.length / USAGE_ROWS_PER_MESSAGE);
  return Array.from({ length: count }, (_, index) => ({
    part: before + index + 1,
    rows: rows.slice(index * USAGE_ROWS_PER_MESSAGE, (index + 1) * USAGE_ROWS_PER_MESSAGE),
  }));
}

/** Where so many parts of all readings together are kept, from that one on. */
export function keptParts({ readings }: Pick<HandOver, 'readings'>, from: number, count: number): KeptPart[] {
  const all = readings.flatMap(({ reading, parts }) => Array.from({ length: parts }, (_, index) => ({ reading, part: index + 1 })));
  return all.slice(from - 1, from - 1 + count);
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

/** A message for each part; a day without usage is one part without rows. */
export function partsAsRead({ readId, publisherId, day, readings, date, part }: HandOver, kept: readonly RecordedPart[]) {
  const last = Math.max(
    1,
    readings.reduce((sum, { parts }) => sum + parts, 0),
  );
  const rows = last === 1 && kept.length === 0 ? [[]] : kept.map((one) => one.rows);
  return rows.map((some, index) =>
    usageRead({ readId, publisherId, day, part: part + index, isLast: part + index === last, rows: [...some], date }),
  );
}
