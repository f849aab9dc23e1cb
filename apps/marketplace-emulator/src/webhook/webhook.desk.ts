import type { CallLedger } from '../calls/call.ledger';
import type { SigningKeys } from '../identity/token/signing.keys';
import type { WebhookTokens } from '../identity/token/webhook.tokens';
import type { Marketplace } from '../marketplace';
import type { Settlement } from '../operation/settlement';
import type { DocumentStore } from '../state/document.store';
import { DeliveryFaults } from './delivery.faults';
import { DispatchPause, type StoredPause } from './dispatch.pause';
import { ManualDeliveries } from './manual.deliveries';
import { TokenForger } from './token.forger';
import { TokenSupply } from './token.supply';
import { WebhookDispatcher } from './webhook.dispatcher';
import { WebhookSender } from './webhook.sender';
import { WebhookTransmitter } from './webhook.transmitter';

interface Surroundings {
  store: DocumentStore;
  marketplace: Marketplace;
  settlement: Settlement;
  tokens: WebhookTokens;
  keys: SigningKeys;
  ledger: CallLedger;
  forger: TokenForger;
  onFault: (error: unknown) => void;
}

/** Everything that sends webhooks, put together. */
export class WebhookDesk {
  readonly pause: DispatchPause;
  readonly transmitter: WebhookTransmitter;
  readonly dispatcher: WebhookDispatcher;
  readonly manual: ManualDeliveries;

  constructor({ store, marketplace, settlement, tokens, keys, ledger, forger, onFault }: Surroundings) {
    this.pause = new DispatchPause(store.collection<StoredPause>('webhook-pause'), marketplace.clock);
    const supply = new TokenSupply(tokens, keys, marketplace);
    this.transmitter = new WebhookTransmitter(marketplace, supply, forger, new WebhookSender(), ledger);
    this.dispatcher = new WebhookDispatcher(
      marketplace,
      settlement,
      this.transmitter,
      this.pause,
      new DeliveryFaults(marketplace),
      onFault,
    );
    this.manual = new ManualDeliveries(marketplace, this.dispatcher, this.transmitter);
  }
}
