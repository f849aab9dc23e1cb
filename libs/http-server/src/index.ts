export { boundedServer, type Refusal, type ServerLimits } from './bounded.server';
export { networkOf, Networks } from './networks';
