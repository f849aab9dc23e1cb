import { z } from 'zod';
import { isGuid } from '../../guid';
import { limits } from '../../limits';
import type { Document } from '../../state/document.store';
import { apiEffectGroups, apiEffects, routesOfEffect, type ApiEffect } from './api.effects';
import { instantOrDuration } from './fault.instant';
import { routeNames, surfaceOf, surfaces, type Surface } from '../route/route.names';
import { operationEffectGroups, operationEffects, type OperationEffect } from './operation.effects';
import { webhookEffectGroups, webhookEffects, type WebhookEffect } from './webhook.effects';

export type Effect = ApiEffect | WebhookEffect | OperationEffect;

const effectGroups: Record<string, string> = { ...apiEffectGroups, ...webhookEffectGroups, ...operationEffectGroups };

/** One value or several of which one must fit; kept as a list. */
const anyOf = <S extends z.ZodType>(value: S) => z.preprocess(asList, z.array(value).min(1).max(limits.faultConditionValues)).optional();

const scopeSchema = z.strictObject({
  surface: anyOf(z.enum(surfaces)),
  route: anyOf(z.enum(routeNames)),
  method: anyOf(
    z
      .string()
      .regex(/^[A-Za-z]{1,20}$/, 'must be a method like GET')
      .toUpperCase(),
  ),
  subscriptionId: anyOf(z.string().refine(isGuid, 'must be a GUID').toLowerCase()),
  offerId: anyOf(z.string().min(1).max(200)),
  planId: anyOf(z.string().min(1).max(200)),
  action: anyOf(z.string().min(1).max(100)),
  initiator: anyOf(z.enum(['Azure', 'Partner'])),
  operationStatus: anyOf(z.enum(['NotStarted', 'InProgress', 'Succeeded', 'Failed', 'Conflict'])),
});

const timingSchema = z.strictObject({
  skip: z.int().min(0).max(limits.faultCount).optional(),
  count: z.int().min(1).max(limits.faultCount).optional(),
  probability: z.number().min(0).max(1).optional(),
  per: z.enum(['match', 'operation', 'subscription']).optional(),
  seed: z.int().min(0).max(0xffff_ffff).optional(),
  from: instantOrDuration.optional(),
  until: instantOrDuration.optional(),
  beforeAuth: z.boolean().optional(),
});

/** The body of `POST /control/faults`. */
export const faultSchema = z
  .strictObject({
    name: z.string().min(1).max(200).optional(),
    on: scopeSchema.default({}),
    when: timingSchema.default({}),
    also: z.boolean().optional(),
    do: z.preprocess(
      asList,
      z
        .array(z.discriminatedUnion('effect', [...apiEffects, ...webhookEffects, ...operationEffects]))
        .min(1)
        .max(limits.faultEffects),
    ),
  })
  .superRefine((rule, context) => {
    const report = (path: PropertyKey[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (new Set(rule.do.map(kindOf)).size > 1)
      report(['do'], 'mixes what happens to a call, to a webhook and to an operation; make a rule of each');
    const clash = rule.do.find((effect, index) => rule.do.findIndex((other) => groupOf(other) === groupOf(effect)) < index);
    if (clash) report(['do'], `${clash.effect} does not go together with the effect before it`);
    for (const effect of rule.do) {
      const isPossible = (surface: Surface) => kindOfSurface(surface) === kindOf(effect);
      const possibleOn = routesOfEffect[effect.effect] ?? routeNames.filter((route) => isPossible(surfaceOf(route)));
      const surface = rule.on.surface?.find((each) => !possibleOn.some((route) => surfaceOf(route) === each));
      if (surface) report(['on', 'surface'], `${effect.effect} does not happen to ${surface}`);
      const route = rule.on.route?.find((each) => !possibleOn.includes(each));
      if (route) report(['on', 'route'], `${effect.effect} does not happen to ${route}, only to ${possibleOn.join(', ')}`);
    }
  });

export type FaultBody = z.infer<typeof faultSchema>;

/** What must be so for a rule to be about a call or a delivery: of each list one, of each condition that is named. */
export type FaultScope = FaultBody['on'];

/** A rule as it is stored. */
export interface FaultRule extends Document {
  name: string | null;
  on: FaultScope;
  /** How many of the first matches have no effect. */
  skip: number;
  /** How often it fires at most; null: always. */
  count: number | null;
  probability: number;
  /** What the probability is drawn for: each match anew, or once and for all for each operation or subscription. */
  per?: 'match' | 'operation' | 'subscription';
  /** The rules after it are looked at too, and what they do is added as far as it goes together. */
  also?: boolean;
  /** It is part of a fault profile: the whole of that, as JSON. It goes when the profile does. */
  profile?: string;
  /** Of everything about the rule that is drawn at random. */
  seed: number;
  /** Bounds in business time: from inclusive, until exclusive. */
  fromMs: number | null;
  untilMs: number | null;
  /** It fires before the call's access token is looked at, and so for callers without one too. */
  beforeAuth: boolean;
  do: Effect[];
  createdAtMs: number;
  /** How often a call or delivery was in its scope and its time. */
  matched: number;
  fired: number;
}

export type EffectKind = 'call' | 'webhook' | 'operation';

/** What an effect happens to. */
export function kindOf({ effect }: Effect): EffectKind {
  if (effect in webhookEffectGroups) return 'webhook';
  return effect in operationEffectGroups ? 'operation' : 'call';
}

/** Whether two rules may happen to the same call: none of their effects exclude each other. */
export function goTogether(one: FaultRule, other: FaultRule): boolean {
  return !one.do.some((effect) => other.do.some((another) => groupOf(effect) === groupOf(another)));
}

function kindOfSurface(surface: Surface): EffectKind {
  return surface === 'webhook' || surface === 'operation' ? surface : 'call';
}

function groupOf(effect: Effect): string {
  return effectGroups[effect.effect] as string;
}

function asList(value: unknown): unknown {
  return Array.isArray(value) ? value : [value];
}
