import { CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** The operations that were handled: a webhook that comes again finds its row. */
@Entity('processed_operations')
export class ProcessedOperation {
  @PrimaryColumn('uuid')
  operationId!: string;

  @CreateDateColumn({ type: 'timestamptz' })
  processedAt!: Date;
}
