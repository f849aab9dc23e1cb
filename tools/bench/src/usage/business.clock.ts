import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Business time of the services, as the emulator gives it on a laptop: real time and an offset, which they read every two seconds. */
export class BusinessClock {
  private offsetMs = 0;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<BusinessClock> {
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ offsetMs: clock.offsetMs }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const clock = new BusinessClock(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return clock;
  }

  now(): number {
    return Date.now() + this.offsetMs;
  }

  /** Goes on to an instant, and never back. */
  advanceTo(instant: number): void {
    this.offsetMs = Math.max(this.offsetMs, instant - Date.now());
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
