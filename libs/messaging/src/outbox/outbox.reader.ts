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
    this.reads = (this.reads + 1) % turns;
    const { rows } = await this.client.query<PendingMessage>({
      name: 'read',
      text: `
        select partition, topic, id, key, message_id as "messageId", envelope
          from (select r.*, sum(r.bytes) over (order by r.place, r.turn, r.topic) as together
                  from (select p.partition, t.topic, (p.partition + $7) % ${turns} as turn, coalesce(c.position, 0) as position,
                               coalesce(c.most, ${messagesPerPartition}) as most
                          from unnest($1::smallint[]) as p (partition)
                         cross join (select topic from ${this.schema}.outbox_topic where topic <> all($6::text[])) as t
                          left join unnest($2::smallint[], $3::text[], $4::bigint[], $5::int[]) as c (partition, topic, position, most)
                            on c.partition = p.partition and c.topic = t.topic) as q
                 cross join lateral (
                       select q.partition, q.topic, q.turn, first.*, sum(bytes) over (order by id) as so_far, row_number() over (order by id) as place
                         from (select id, key, message_id, envelope, octet_length(envelope) as bytes from ${this.schema}.outbox
                                where partition = q.partition and topic = q.topic and id > q.position order by id limit q.most) as first) as r
                 where r.place = 1 or r.so_far <= ${bytesPerPartition}) as due
         where together - bytes < ${bytesPerRead}
         order by place, turn, topic`,
      values: [
        [...partitions.owned],
        positions.map(({ partition }) => partition),
        positions.map(({ topic }) => topic),
        positions.map(({ id }) => id),
        positions.map((position) => refusals.mostOf(position)),
        refusals.waitingTopics,
        this.reads,
      ],
    });
    return rows;
  }
}
