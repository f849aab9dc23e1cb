export { ControlRefused, ControlUnreachable } from './client/control.call';
export { controlClient, type ControlClient } from './client/control.client';
export type * from './client/control.answers';
export { startEmulator } from './emulator';
export type { EmulatorDetails, EmulatorOptions, RunningEmulator } from './emulator.options';
export type { OfferInput as EmulatorOffer } from './offers/offer.input';
export type { Settings as EmulatorSettings } from './settings/settings';
