import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('subscriptions')
export class Subscription {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  planId!: string;

  @Column('int')
  quantity!: number;

  @Column('text')
  status!: string;
}
