import { randomInt } from 'node:crypto';

export const kinds = ['ChangePlan', 'ChangeQuantity', 'Suspend', 'Reinstate'] as const;
export type Kind = (typeof kinds)[number];

/**
 * One operation of a load. All of it is in the operation's id, so that generator, stub and reader of the events need to tell each other nothing.
 */
export interface Planned {
  /** When its webhook is to be sent, by the schedule and not by what the generator manages. Milliseconds since 1970. */
  readonly atMs: number;
  readonly kind: Kind;
  /** Index of the plan, or seats; 0 to 255. */
  readonly target: number;
  /** Index of the subscription; below 2^24. */
  readonly subscription: number;
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

export function operationId({ atMs, kind, target, subscription }: Planned): string {
  const time = hex(atMs, 12);
  const what = `${hex(kinds.indexOf(kind), 1)}${hex(target, 2)}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-4${what}-8000-${hex(subscription, 6)}${hex(randomInt(0x1000000), 6)}`;
}

export function plannedBy(id: string): Planned {
  const digits = id.replaceAll('-', '');
  return {
    atMs: parseInt(digits.slice(0, 12), 16),
    kind: kinds[parseInt(digits.slice(13, 14), 16)]!,
    target: parseInt(digits.slice(14, 16), 16),
    subscription: parseInt(digits.slice(20, 26), 16),
  };
}

const prefix = 'b0000000-0000-4000-8000-';
export const subscriptionId = (index: number): string => prefix + hex(index, 12);
export const subscriptionIndex = (id: string): number => parseInt(id.slice(prefix.length), 16);
