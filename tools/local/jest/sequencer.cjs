/* eslint-disable @typescript-eslint/no-require-imports -- jest loads it as it is */
const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * Specs that take longest, by the seconds that they took on two cores. Jest knows how long a spec took only where it has run before; on a fresh clone a spec of a minute
 * that begins last lets the other worker wait for it.
 */
const longest = {
  'e2e/src/journeys.e2e.spec.ts': 360,
  'e2e/src/usage.e2e.spec.ts': 270,
  'e2e/src/storm.e2e.spec.ts': 220,
  'e2e/src/crash.e2e.spec.ts': 130,
  'e2e/src/rolling.e2e.spec.ts': 77,
  'messaging/src/kafka/liveness.int.spec.ts': 67,
  'generate/src/service/service.generator.int.spec.ts': 52,
  'e2e/src/product-team.int.spec.ts': 51,
  'billing/src/ledger/ledger.property.unit.spec.ts': 48,
  'messaging/src/outbox/relay.int.spec.ts': 40,
  'gateway/src/webhook/webhook.bounds.int.spec.ts': 31,
  'messaging/src/kafka/stream.int.spec.ts': 29,
  'local/src/system/system.int.spec.ts': 29,
  'local/src/kafka/kafka.int.spec.ts': 27,
  'simulate/src/checker/broken.decisions.unit.spec.ts': 27,
  'messaging/src/topics/topics.int.spec.ts': 24,
  'fulfillment/src/registration/outage.int.spec.ts': 24,
  'messaging/src/outbox/large.messages.int.spec.ts': 23,
  'simulate/src/campaign.unit.spec.ts': 22,
  'messaging/src/outbox/refusal.int.spec.ts': 22,
  'marketplace-emulator/src/subscription/deadlines.int.spec.ts': 22,
  'service-defaults/src/start/run-service.int.spec.ts': 20,
};

const secondsOf = ({ path }) => Object.entries(longest).find(([file]) => path.replaceAll('\\', '/').endsWith(`/${file}`))?.[1] ?? 0;

/** The longest first, the others as jest has them. */
module.exports = class LongestFirst extends Sequencer {
  static longest = longest;

  sort(tests) {
    return super.sort(tests).toSorted((one, other) => secondsOf(other) - secondsOf(one));
  }
};
