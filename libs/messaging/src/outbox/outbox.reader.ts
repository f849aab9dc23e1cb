import type { Client } from 'pg';
import { messagesPerPartition, type Refusals } from './refusals';
import type { RelayPartitions } from './relay.partitions';

/** A message of the outbox that is to be published. */
export interface PendingMessage {
  readonly partition: number;
  readonly topic: string;
  readonly id: string;
  readonly key: string;
  readonly messageId: string;
  readonly envelope: string;
}

/** Of one partition and topic in one read: a broker takes 1 MB per partition by default. The first message may be larger. */
const bytesPerPartition = 400 * 1024;
/** Of one read altogether, and no more than the one message with which it is reached: it is all in memory at once, several times. */
const bytesPerRead = 4 * 1024 * 1024;
/** Larger than every number of partitions, and prime. */
const turns = 1009;

/** Reads the outbox behind the positions of a relay, by bytes and not by rows alone. */
export class OutboxReader {
  private reads = 0;

  constructor(
    private readonly client: Client,
    private readonly schema: string,
  ) {}

  /**
   * The next messages of every partition and topic that refuses nothing now, in order within each. Where all together are too many bytes, each gets its
   * first one before any gets a second, and the partitions take turns in being first.
   */
  async read(partitions: RelayPartitions, refusals: Refusals): Promise<PendingMessage[]> {
    if (partitions.owned.size === 0) return [];
    const { positions } = partitions;
    const { limits } = refusals;
    this.reads = (this.reads + 1) % turns;
    const { rows } = await this.client.query<PendingMessage>({
      name: 'read',
      text: this.statement,
      values: [
        [...partitions.owned],
        positions.map(({ partition }) => partition),
        positions.map(({ topic }) => topic),
        positions.map(({ id }) => id),
        limits.map(({ partition }) => partition),
        limits.map(({ topic }) => topic),
        limits.map(({ most }) => most),
        refusals.waitingTopics,
        this.reads,
      ],
    });
    return rows;
  }

  /** A place has a position once something of it was acknowledged, and a limit while it refuses: either may be missing. */
  private get statement(): string {
    return `
      with place as (
        select p.partition, t.topic, (p.partition + $9) % ${turns} as turn, coalesce(known.position, 0) as position,
               coalesce(limited.most, ${messagesPerPartition}) as most
          from unnest($1::smallint[]) as p (partition)
         cross join (select topic from ${this.schema}.outbox_topic where topic <> all($8::text[])) as t
          left join unnest($2::smallint[], $3::text[], $4::bigint[]) as known (partition, topic, position) using (partition, topic)
          left join unnest($5::smallint[], $6::text[], $7::int[]) as limited (partition, topic, most) using (partition, topic)),
      waiting as (
        select place.partition, place.topic, place.turn, next.*, sum(bytes) over (partition by place.partition, place.topic order by id) as so_far,
               row_number() over (partition by place.partition, place.topic order by id) as number
          from place
         cross join lateral (select id, key, message_id, envelope, octet_length(envelope) as bytes from ${this.schema}.outbox
                              where partition = place.partition and topic = place.topic and id > place.position order by id limit place.most) as next),
      sendable as (
        select *, sum(bytes) over (order by number, turn, topic) as together from waiting where number = 1 or so_far <= ${bytesPerPartition})
      select partition, topic, id, key, message_id as "messageId", envelope from sendable
       where together - bytes < ${bytesPerRead} order by number, turn, topic`;
  }
}
