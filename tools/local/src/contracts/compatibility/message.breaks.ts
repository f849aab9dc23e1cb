import { breaksOf } from './breaks';
import type { Schema } from './schema.misfits';

export interface AsyncApi {
  readonly channels: Record<string, { readonly messages: Record<string, unknown>; readonly bindings?: unknown }>;
  readonly operations: Record<string, { readonly action: 'send' | 'receive'; readonly channel: { readonly $ref: string } }>;
  readonly components: {
    readonly messages: Record<string, { readonly payload: Schema; readonly bindings?: { kafka?: { key?: Schema } } }>;
  };
}

/** What a new AsyncAPI document of ours takes from those who know the one before it. Each begins with the topic or the type. */
export function messageBreaks(before: AsyncApi, after: AsyncApi): string[] {
  return Object.entries(before.channels).flatMap(([topic, channel]) => {
    const now = after.channels[topic];
    if (!now) return [`${topic}: the topic was removed`];
    const use = isReceived(before, topic) ? 'accepted' : 'kept';
    return [
      ...(JSON.stringify(channel.bindings) === JSON.stringify(now.bindings) ? [] : [`${topic}: how Kafka keeps it is another`]),
      ...Object.keys(channel.messages).flatMap((type) => {
        if (!now.messages[type]) return [`${type}: the message was removed from ${topic}`];
        const [old, message] = [before.components.messages[type]!, after.components.messages[type]!];
        const [oldKey, key] = [old, message].map(({ bindings }) => bindings?.kafka?.key?.['description']);
        return [
          ...(oldKey === key ? [] : [`${type}: its key is another`]),
          ...breaksOf(old.payload, message.payload, use).map((sentence) => `${type}: ${sentence}`),
        ];
      }),
    ];
  });
}

const isReceived = ({ operations }: AsyncApi, topic: string): boolean =>
  Object.values(operations).some(({ action, channel }) => action === 'receive' && channel.$ref === `#/channels/${topic}`);
