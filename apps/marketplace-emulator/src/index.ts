export { startEmulator } from './emulator';
export type { EmulatorDetails, EmulatorOptions, RunningEmulator } from './emulator.options';
export type { Settings as EmulatorSettings } from './settings/settings';
