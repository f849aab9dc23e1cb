import { networkOf } from '@landfall/http-server';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { config } from '../gateway.config';
import { TooMany } from '../too-many';

/** Arrivals and sign-ins of one address: so many at once, and then one per interval. An office may share the address. */
export const ARRIVALS_AT_ONCE = 60;
const INTERVAL_MS = 1_000;
/** Addresses that are remembered; the one that came longest ago is forgotten first. */
const ADDRESSES = 20_000;

/**
 * Bounds what one address may ask before anybody has signed in. An address of `TRUSTED_PROXIES` is everybody's and has no budget; behind
 * them the address is the one that they name. Never put before the webhook: a refusal there refuses an order.
 */
@Injectable()
export class AddressBudget implements CanActivate {
  /** When each address will have its whole budget again, by a clock that nobody sets. */
  private readonly fullAt = new Map<string, number>();

  canActivate(context: ExecutionContext): boolean {
    const { ip } = context.switchToHttp().getRequest<FastifyRequest>();
    if (config.values.TRUSTED_PROXIES.has(ip)) return true;
    const waitMs = this.spend(networkOf(ip), performance.now());
    if (waitMs > 0) throw new TooMany('address', waitMs);
    return true;
  }

  /** How long to wait before it may be spent; 0 where it was spent. */
  private spend(address: string, nowMs: number): number {
    const fullAt = Math.max(this.fullAt.get(address) ?? 0, nowMs) + INTERVAL_MS;
    const waitMs = fullAt - nowMs - ARRIVALS_AT_ONCE * INTERVAL_MS;
    if (waitMs > 0) return waitMs;
    this.fullAt.delete(address);
    this.fullAt.set(address, fullAt);
    const [oldest] = this.fullAt.keys();
    if (this.fullAt.size > ADDRESSES && oldest !== undefined) this.fullAt.delete(oldest);
    return 0;
  }
}
