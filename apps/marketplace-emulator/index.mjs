// Node does not see the names that the compiled index.js exports: here they are, for whoever imports them by name.
import emulator from './dist/index.js';

export const { ControlRefused, ControlUnreachable, controlClient, startEmulator } = emulator;
