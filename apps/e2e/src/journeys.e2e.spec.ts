import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { repositoryDir, serviceNames } from '@landfall/local';
import { approvalJourneys } from './journeys/approval.journeys';
import { awayJourneys } from './journeys/away.journeys';
import { budgetJourneys } from './journeys/budget.journeys';
import { channelJourneys } from './journeys/channel.journeys';
import { payloadJourneys } from './journeys/payload.journeys';
import { publishersJourneys, secondPublisher } from './journeys/publishers.journeys';
import { purchaseJourneys } from './journeys/purchase.journeys';
import { refusalJourneys } from './journeys/refusal.journeys';
import { requestJourneys } from './journeys/request.journeys';
import { secrecyJourneys } from './journeys/secrecy.journeys';
import { copyLagOfJourneys, unkindJourneys } from './journeys/unkind.journeys';
import { webhookJourneys } from './journeys/webhook.journeys';
import { wipedJourneys } from './journeys/wiped.journeys';
import { sideBySide } from './side-by-side';
import { theSystem } from './system';

jest.setTimeout(240_000);

/**
 * One system for all journeys: to start one takes longer than most of them. Each buys subscriptions of its own and looks at nothing else, and puts back the
 * settings that it changes. The gateway runs twice, for what one copy has to know of the other; COPIES says otherwise, and has to leave it two at least.
 * Kafka and Postgres are as a company has them: encrypted, with a login of its own for each service, and no right more than it needs. Those that let a year pass come after those that do not, and secrecy is last: it reads what all of them have written into logs and
 * topics. A journey that kills or breaks something has a file and a system of its own.
 */
const settings = {
  LOG_LEVEL: 'debug',
  COPY_LAG: copyLagOfJourneys,
  PUBLISHERS: secondPublisher,
  COPIES: process.env['COPIES'] ?? 'gateway:2',
};
const landfall = theSystem(settings, { secured: true });
const away = awayJourneys(landfall);
const requests = requestJourneys(landfall);

it.each(serviceNames)('%s, as it is built, describes its endpoints at /openapi.json as docs/reference/rest has them', async (name) => {
  const { managementUrl } = landfall.system.run.services.find((service) => service.name === name)!;
  const answer = await fetch(`${managementUrl}/openapi.json`, { signal: AbortSignal.timeout(60_000) });
  const document = (await answer.json()) as object;
  expect([answer.status, document]).toMatchObject([200, { paths: { '/dead-letters': {}, '/jobs': {}, '/operator-acts': {} } }]);
  const kept: unknown = JSON.parse(readFileSync(join(repositoryDir, 'docs/reference/rest', `${name}.json`), 'utf8'));
  const told: unknown = JSON.parse(JSON.stringify(document)); // what fetch parses has other prototypes than what a spec does
  if (!isDeepStrictEqual(told, kept)) throw new Error(`docs/reference/rest/${name}.json is out of date: run \`npm run contracts\`.`);
});

describe('a change', () => budgetJourneys(landfall)); // before others have left something to do
describe('a purchase', () => purchaseJourneys(landfall));
describe('a change that may not be', () => refusalJourneys(landfall));
describe('a Microsoft that does not answer', away.begin); // its half minute passes while the next ones go on
describe('each channel', () => channelJourneys(landfall));
describe('a purchase that waits for approval', () => approvalJourneys(landfall));
describe('side by side:', () =>
  sideBySide((it) => {
    describe('a Microsoft that does not answer', () => away.end(it));
    describe('a change from our side', () => requests.together(it));
    describe('an odd webhook', () => payloadJourneys(landfall, it));
  }));
describe('a change from our side', requests.apart);
describe('a webhook', () => webhookJourneys(landfall));
describe('two publishers', () => publishersJourneys(landfall));
describe('a Microsoft that is unkind', () => unkindJourneys(landfall));
describe('a list of Microsoft’s that', () => wipedJourneys(landfall));
describe('what must stay secret', () => secrecyJourneys(landfall));
