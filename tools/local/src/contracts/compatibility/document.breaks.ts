import type { Documents } from '../documents';
import { endpointBreaks, type OpenApi } from './endpoint.breaks';
import { messageBreaks, type AsyncApi } from './message.breaks';

/** The AsyncAPI documents are compared as one: a topic that becomes public takes nothing from anybody. */
const asyncApi = /asyncapi\.json$/;
const openApi = /\/rest\/([a-z-]+)\.json$/;

/** What the documents of now take from whoever relies on those of before, in sorted sentences. A document that is new takes nothing. */
export function breaksOfDocuments(before: Documents, after: Documents): string[] {
  const [known, now] = [together(before), together(after)];
  const closed = publicTopics(before).filter((topic) => now.channels[topic] && !publicTopics(after).includes(topic));
  const services = [...before.keys()].flatMap((path) => openApi.exec(path)?.[1] ?? []);
  return [
    ...messageBreaks(known, now),
    ...closed.map((topic) => `${topic}: it is no longer public`),
    ...services.flatMap((service) =>
      endpointBreaks(endpointsOf(before, service), endpointsOf(after, service)).map((sentence) => `${service}: ${sentence}`),
    ),
  ].sort();
}

function together(documents: Documents): AsyncApi {
  const all = [...documents].filter(([path]) => asyncApi.test(path)).map(([, text]) => JSON.parse(text) as AsyncApi);
  return {
    channels: Object.assign({}, ...all.map(({ channels }) => channels)),
    operations: Object.assign({}, ...all.map(({ operations }) => operations)),
    components: { messages: Object.assign({}, ...all.map(({ components }) => components.messages)) },
  };
}

function publicTopics(documents: Documents): string[] {
  const found = [...documents].find(([path]) => asyncApi.test(path) && !path.includes('inner'));
  return found ? Object.keys((JSON.parse(found[1]) as AsyncApi).channels) : [];
}

function endpointsOf(documents: Documents, service: string): OpenApi {
  const found = [...documents].find(([path]) => openApi.exec(path)?.[1] === service);
  return found ? (JSON.parse(found[1]) as OpenApi) : { paths: {} };
}
