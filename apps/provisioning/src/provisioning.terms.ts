import { Clock } from '@landfall/service-defaults';
import { Injectable } from '@nestjs/common';
import { config } from './provisioning.config';
import type { Terms } from './tenant/tenant.state';

/** Gives decisions what they know beside the message. Waiting for a product happens in real time, whatever the calendar of the business says. */
@Injectable()
export class ProvisioningTerms {
  constructor(private readonly clock: Clock) {}

  current(): Terms {
    return {
      adapter: config.values.PROVISIONING_ADAPTER,
      replyTimeoutMs: config.values.PROVISIONING_REPLY_TIMEOUT,
      longestReplyTimeoutMs: config.values.PROVISIONING_REPLY_TIMEOUT_MAX,
      limitMs: config.values.PROVISIONING_LIMIT,
      now: this.clock.realNow(),
    };
  }
}
