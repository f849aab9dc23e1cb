import { webAddress, type ValuesOf } from './field.kinds';

/** Where the publisher is reached. */
export const publisherSettings = {
  /** Where a buyer is sent; `token` is appended. Null: a page of the emulator's that shows the token. */
  landingUrl: webAddress.nullable(),
  /** Where webhooks go. Null: nowhere, deliveries fail and are tried again. */
  webhookUrl: webAddress.nullable(),
};

export const publisherDefaults: ValuesOf<typeof publisherSettings> = {
  landingUrl: null,
  webhookUrl: null,
};
