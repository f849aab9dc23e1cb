import { Clock } from '@landfall/service-defaults';
import { Injectable } from '@nestjs/common';
import { config } from './provisioning.config';
import type { Terms } from './tenant/tenant';

/**
 * Gives decisions what they know beside the message. The clock is the one by which jobs are due, so that a reminder never comes too early.
 */
@Injectable()
export class ProvisioningTerms {
  constructor(private readonly clock: Clock) {}

  current(): Terms {
    return {
      adapter: config.values.PROVISIONING_ADAPTER,
      replyTimeoutMs: config.values.PROVISIONING_REPLY_TIMEOUT,
      longestReplyTimeoutMs: config.values.PROVISIONING_REPLY_TIMEOUT_MAX,
      limitMs: config.values.PROVISIONING_LIMIT,
      now: this.clock.now(),
    };
  }
}
