/**
 * Every bound of the emulator in one place: no list, body, wait or queue grows without one. Times are in milliseconds of real time unless
 * they say otherwise.
 */
export const limits = {
  /** Largest request body that is taken. Microsoft's calls are a few kB (contract 4.1). */
  requestBodyBytes: 1_048_576,
  /** Largest request body that is read to its end, so that its sender sees the refusal. */
  readBodyBytes: 8_388_608,
  /** What the HTTP server bears. */
  server: {
    /** All header lines of a request together, so that an overlong token is answered by the API and not by Node. */
    headerBytes: 65_536,
    headersMs: 10_000,
    /** From the first byte of a request to its last. */
    requestMs: 10_000,
    /** Far longer than for a real service, since a fault rule may hold an answer for minutes on purpose: it must outlast that. */
    exchangeMs: 3_600_000,
    keepAliveMs: 72_000,
    connections: 2_000,
  },
  /** Longest bearer token that is checked; a real one has about 2 kB. */
  bearerTokenCharacters: 8_192,
  /** Longest purchase token that is decrypted. */
  purchaseTokenCharacters: 4_096,
  /** Verified bearer tokens that are remembered, so that a burst of calls costs one signature check per token. */
  rememberedBearerTokens: 1_000,
  /** Calls kept for `GET /control/calls`; the oldest fall off. */
  keptCalls: 5_000,
  /** Deliveries kept for `GET /control/deliveries`; the oldest fall off. */
  keptDeliveries: 2_000,
  /** All kept deliveries together, with what was sent and what was answered; one is about 3 kB. */
  keptDeliveriesBytes: 16_777_216,
  /** What is kept of a publisher's answer to a webhook. */
  keptAnswerBytes: 2_048,
  /** Settled operations kept per subscription; open ones are never dropped. */
  keptOperationsPerSubscription: 200,
  /** Offers that can be there at once. */
  offers: 200,
  /** Plans of an offer, and how many of them may be private (contract 1.4). */
  plansPerOffer: 100,
  privatePlansPerOffer: 45,
  /** Tenants that may see a private plan: the longest list that Partner Center takes (contract 1.2). */
  audiencePerPlan: 20_000,
  /** Metered dimensions of an offer (contract 1.4). */
  dimensionsPerOffer: 30,
  /** Largest file of offers that is read at the start. */
  offersFileBytes: 16_777_216,
  /** Stretches of equal state, plan, seats and term kept of one subscription for its invoice; the oldest fall off. */
  keptStretchesPerSubscription: 200,
  /** How long after its start an hour's usage is taken, on the emulator's clock (contract 6.3). */
  usageWindowMs: 86_400_000,
  /** Usage events in one batch (contract 6.4). */
  batchedUsageEvents: 25,
  /**
   * Accepted usage events kept one by one; the oldest whose hour cannot be reported any more fall off, and live on in the totals of their
   * day.
   */
  keptUsageEvents: 200_000,
  /** Totals of one day, subscription, dimension and plan; the oldest fall off. */
  keptUsageDays: 200_000,
  /** Usage events that were not accepted, kept for `GET /control/usage-events`; the oldest fall off. */
  keptRefusedUsageEvents: 2_000,
  /** What is kept of each text in a usage event that was not accepted. */
  keptUsageCharacters: 200,
  /** Records in one answer of `GET /usageEvents`, which has no pages (contract 6.5). */
  usageRecordsPerAnswer: 50_000,
  /** Entries on one page of a control list. */
  controlPageEntries: 1_000,
  /** Subscriptions on the store page, newest first. */
  storePageSubscriptions: 50,
  /** Webhooks on the page of a subscription, newest first. */
  storePageDeliveries: 20,
  /** People that can exist at once, built-in ones included. */
  people: 100_000,
  /** Longest client assertion that is checked, and how far its times may be off. */
  clientAssertionCharacters: 32_768,
  assertionGraceSeconds: 300,
  /** Publishers' applications that can exist at once, and secrets or certificates of one of them. */
  applications: 1_000,
  credentialsPerApplication: 20,
  /** People offered on the sign-in page, newest first. */
  signInPagePeople: 50,
  /** Authorization codes that wait to be redeemed; the oldest fall off. */
  authorizationCodes: 10_000,
  authorizationCodeLifeMs: 600_000,
  /** Longest refresh token that is checked, and how long one lives: 90 days, as for an application with a secret. */
  refreshTokenCharacters: 8_192,
  refreshTokenLifeMs: 7_776_000_000,
  /** Life of every access token and ID token, in seconds (contract 0.2). */
  accessTokenLifeSeconds: 3_600,
  /** Life of a purchase token on the emulator's clock (contract 3.3). */
  purchaseTokenLifeMs: 86_400_000,
  /** Used purchase tokens that are remembered; the oldest are forgotten. */
  usedPurchaseTokens: 100_000,
  /** How far a purchase token may come from the future, on the emulator's clock. */
  purchaseTokenEarlyMs: 300_000,
  /** Signing keys that are published at once, the current one included. */
  publishedKeys: 5,
  /** How long a signing key stays published after another took its place; withdrawn keys leave at once. */
  retiredKeyPublishedMs: 86_400_000,
  /** Webhooks that may wait for their delivery or for another try. */
  waitingWebhooks: 100_000,
  /** Webhooks that are on their way to one address at the same time, and to all of them. */
  concurrentDeliveriesPerAddress: 64,
  concurrentDeliveries: 1_024,
  /** While no more webhooks than these wait for their turn, each gets a token of its own. */
  webhooksSignedOneByOne: 50,
  /** Deliveries by hand that are on their way at the same time. */
  deliveriesByHand: 32,
  /** Body of a webhook that is made up or altered by hand; Microsoft's have a few kB (contract 4.1). */
  craftedPayloadCharacters: 65_536,
  /** Copies of a webhook that a fault sends, and the real time from one to the next. */
  webhookCopies: 20,
  webhookCopySpacingMs: 60_000,
  /** Copies that wait or are on their way, of all webhooks together; beyond that none is sent. */
  webhookCopiesAtOnce: 1_000,
  /** Webhooks that faults have put behind later ones; beyond that they put back none. */
  reorderedWebhooks: 1_000,
  /** Timers that fire before the event loop gets its turn. */
  timersPerTurn: 500,
  /** Longest sleep of the scheduler; Node's timers end at 24 days. */
  longestSleepMs: 3_600_000,
  /** Breaches kept for `GET /control/breaches`; the oldest fall off. */
  keptBreaches: 1_000,
  /** What a rule for publishers remembers of calls and webhooks in each of its lists; the oldest fall off. */
  rememberedPerRule: 10_000,
  /** Longest time for the answer to a webhook before it counts as late (contract 4.4). */
  webhookAnswerMs: 5_000,
  /** How long a PATCH of an operation is held while the answer to the operation's webhook is missing, to see which was first. */
  patchHoldMs: 100,
  /** How long after a webhook the publisher has to verify it; the second while it verifies other webhooks. */
  verificationMs: 30_000,
  lateVerificationMs: 900_000,
  /** How long after a new status was sent all processes of a publisher have to use it. */
  newsMs: 5_000,
  /** From when on a refusal is late (contract 4.5). */
  vetoMs: 10_000,
  /** Times from which on doing the same in vain is a breach, and the time in which they must lie. */
  conflicts: 3,
  blindTries: 3,
  unfollowedPages: 3,
  resolveLoopTries: 5,
  resolveLoopMs: 10_000,
  refusedTokenTries: 4,
  refusedTokenMs: 60_000,
  polls: 10,
  pollsMs: 8_000,
  listSweeps: 6,
  listSweepsMs: 300_000,
  usageBurstMs: 60_000,
  retryAfterIgnored: 2,
  /** Part of a Retry-After that a client's timer may be early. */
  retryAfterTolerance: 0.1,
  /** Access tokens that are compared to find out whether each call fetches one, and the time in which they must have been issued. */
  tokensCompared: 20,
  tokensComparedMs: 600_000,
  /** How long ago an access token must have expired: clocks differ a little. */
  expiredTokenMs: 60_000,
  /** How far the publisher's clock may be ahead (contract 2.3). */
  clockSkewMs: 300_000,
  /** Fault rules that may be in force at once. */
  faultRules: 200,
  /** Usage events of a batch that are compared with a rule's conditions; more than 25 are refused anyway (contract 6). */
  faultSubjects: 100,
  /** Values that a rule may name in one condition. */
  faultConditionValues: 50,
  /** Read copies of one rule. */
  faultReadCopies: 20,
  /** Effects of one rule. */
  faultEffects: 4,
  /** Largest `skip` and `count` of a rule. */
  faultCount: 1_000_000_000,
  /** Headers and body that a rule may answer with. */
  faultHeaders: 20,
  faultBodyCharacters: 65_536,
  /** Connections that faults keep waiting at once; for one too many the oldest is closed. */
  heldConnections: 1_000,
  /** Longest time that a fault keeps a caller waiting. */
  heldMs: 300_000,
  /** Shortest time between two drops of an answer. */
  dripMs: 50,
  /** Earlier versions of subscriptions, and of operations, that stale reads can go back to; the oldest fall off. */
  keptVersions: 20_000,
  /** How old the written counters of fault rules may be, and so what a crash forgets of them. */
  faultCountersMs: 1_000,
  /** Subscriptions of all states together. 100,000 take 160 to 220 MB of heap, with their operations, histories, timers and customers. */
  subscriptions: 500_000,
  /** Customers of a bulk, of up to three people each. */
  bulkTenants: 30_000,
  /** Subscriptions of a bulk that are made before the event loop gets its turn. */
  bulkPerTurn: 500,
  /**
   * Snapshots that are kept at once, and the documents of all of them together: about 400 bytes each in the file, less in memory while they
   * are unchanged.
   */
  snapshots: 50,
  snapshotDocuments: 3_000_000,
  /** Longest snapshot that can be uploaded: some 100,000 documents. */
  snapshotUploadBytes: 67_108_864,
  /** Documents that are written before the event loop gets its turn. */
  documentsPerTurn: 2_000,
  /** Entries of cancelled and moved timers that the scheduler keeps, beside one for each timer that is meant. */
  staleTimers: 1_000,
  /** Longest step of business time in one call, in years, and where business time ends: the year 9000. */
  advanceYears: 10,
  latestBusinessTimeMs: 221_845_392_000_000,
  /** Longest real time that one call may take to advance business time; the next call goes on. */
  advanceRealMs: 60_000,
  /** How long, in all, a publisher that takes no webhook keeps business time from being moved on. */
  advanceAnswerMs: 5_000,
  /** And how long at each instant with a webhook from then on, until it takes one again. */
  advanceNoAnswerMs: 100,
  /** What a publisher has for its PATCH, of real time, before business time passes over the end of the ten seconds. */
  advanceAcknowledgeMs: 1_000,
  /** Longest rest that can be asked for after each instant at which a webhook was received. */
  advanceRestMs: 10_000,
  /** How long a subscription's deadline waits, of business time, while as many webhooks wait as may. */
  fullQueueWaitMs: 60_000,
} as const;
