import { z } from 'zod';
import { span } from './span';

/** What can be odd about the life of an operation at Microsoft's side. The rules are asked once, when it is requested. */
export const operationEffects = [
  /**
   * It takes long (contract 3.8: minutes are possible): for so much longer the publisher's reads NotStarted, and for so much longer one
   * that was accepted, by PATCH or by the ten seconds, reads InProgress.
   */
  z.strictObject({ effect: z.literal('slowOperation'), start: span.optional(), end: span.optional() }),
] as const;

export type OperationEffect = z.infer<(typeof operationEffects)[number]>;

/** Effects of one group exclude each other. */
export const operationEffectGroups: Record<OperationEffect['effect'], string> = { slowOperation: 'pace' };
